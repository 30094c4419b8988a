// Browsers start no worker for a page that was opened as a file. There, what the worker would run (the search) runs in
// a hidden frame. The theme loads this script before its own.
if (window.location.protocol === 'file:') {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      this.waiting = [];
      this.frame = document.createElement('iframe');
      this.frame.hidden = true;
      this.frame.srcdoc = '<!doctype html>';
      this.frame.addEventListener('load', () => this.start(url), {once: true});
      document.body.append(this.frame);
    }

    async start(url) {
      const inside = this.frame.contentWindow;
      inside.postMessage = data => this.dispatchEvent(new MessageEvent('message', {data}));
      inside.importScripts = async (...urls) => {
        for (const each of urls) await this.load(each);
      };
      await this.load(url);
      this.postMessage = data => inside.dispatchEvent(new MessageEvent('message', {data}));
      this.waiting.forEach(this.postMessage);
    }

    load(url) {
      const script = this.frame.contentDocument.createElement('script');
      script.src = url;
      return new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = () => reject(new Error(`${url} cannot be loaded`));
        this.frame.contentDocument.head.append(script);
      });
    }

    postMessage(data) {
      this.waiting.push(data);
    }

    terminate() {
      this.frame.remove();
    }
  };
}
