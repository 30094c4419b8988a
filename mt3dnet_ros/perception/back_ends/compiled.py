"""OpenVINO's compiled form of a network: from the cache, from an exported file, or from a checkpoint by PyTorch."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import mt3dnet_ros
from mt3dnet_ros.errors import MissingExtraError
from mt3dnet_ros.perception.back_ends.back_end import BackEndError
from mt3dnet_ros.perception.back_ends.cache import Cache, CacheWarning
from mt3dnet_ros.perception.back_ends.network_source import NetworkSource
from mt3dnet_ros.perception.back_ends.openvino_module import import_openvino
from mt3dnet_ros.perception.back_ends.precision import keep_precise_start

FORM = 1  # of what lies in the cache; another number where it is made otherwise
_DEVICE = 'CPU'


class NetworkCompiler:
    """Compiles one network for images of one size.

    :param size: height and width of the images in pixels
    :param threads: of the CPU; 0 for one per core
    :param cache: that keeps what is compiled
    :raises MissingExtraError: OpenVINO is not installed
    """

    def __init__(
        self, source: NetworkSource, size: tuple[int, int], threads: int = 0, cache: Cache | None = None
    ) -> None:
        openvino = import_openvino()
        self.source, self.size, self.threads = source, size, threads
        self._core = openvino.Core()
        self._options = {'PERFORMANCE_HINT': 'LATENCY'} | ({'INFERENCE_NUM_THREADS': threads} if threads else {})
        self._cache = cache or Cache()
        self._version = openvino.__version__.split('-')[0]

    @property
    def needs_conversion(self) -> bool:
        """Whether PyTorch has to convert the network first, which takes seconds."""
        if self.source.in_memory is not None:
            return True
        return self.source.exported_for(self.size) is None and not self._cache.has(self._entry)

    def __call__(self) -> Any:
        """Return the network as ``openvino.CompiledModel``.

        :raises BackEndError: it cannot be compiled, or not be converted
        """
        if (kept := self._kept()) is not None:
            return kept
        exported = self.source.exported_for(self.size)
        if exported is None:
            return self.finish(self.begin_conversion())
        try:
            compiled = self.compile(self._core.read_model(str(exported)))
        except RuntimeError as error:
            raise BackEndError(f"openvino cannot run '{exported}': {error}") from error
        self.keep(content_of(compiled))
        return compiled

    def compile(self, model: Any) -> Any:
        """Return an ``openvino.Model`` compiled."""
        return self._core.compile_model(keep_precise_start(self._core, model), _DEVICE, self._options)

    def keep(self, compiled: bytes) -> None:
        """Keep what was compiled for the next start."""
        self._cache.write(self._entry, compiled)

    def begin_conversion(self) -> Conversion:
        """Begin to convert the network, in a process of its own, which takes PyTorch's memory along at its end.

        :raises BackEndError: PyTorch is not installed, or there is no checkpoint
        """
        return Conversion(self.source, self.size, self.threads)

    def finish(self, conversion: Conversion) -> Any:
        """Wait for a conversion, and return what it compiled.

        :raises BackEndError: it failed
        """
        compiled = conversion.result()
        self.keep(compiled)
        return self._import(compiled)

    @property
    def _entry(self) -> str:
        """The name of the cache's entry: all that what is compiled depends on."""
        height, width = self.size
        abilities = '-'.join(sorted(self._core.get_property(_DEVICE, 'OPTIMIZATION_CAPABILITIES')))
        options = f'{height}x{width}-{self.threads}-{platform.machine()}-{abilities}'
        return f'{self.source.sha256[:32]}-{options}-openvino-{self._version}-{FORM}.blob'

    def _kept(self) -> Any | None:
        content = self._cache.read(self._entry)
        if content is None:
            return None
        try:
            return self._import(content)
        except RuntimeError as error:  # made on another CPU, say
            warnings.warn(f'openvino does not take what it had compiled: {error}', CacheWarning, stacklevel=2)
            self._cache.remove(self._entry)
            return None

    def _import(self, content: bytes) -> Any:
        return self._core.import_model(content, _DEVICE, self._options)


def content_of(compiled: Any) -> bytes:
    """Return an ``openvino.CompiledModel`` as a file holds it."""
    return compiled.export_model().getvalue()


class Conversion:
    """A process that converts a checkpoint by PyTorch, and compiles it."""

    def __init__(self, source: NetworkSource, size: tuple[int, int], threads: int) -> None:
        if source.path is None:
            name = source.exported.path if source.exported else ''
            raise BackEndError(f"the exported network '{name}' takes images of another size than {size[1]}x{size[0]}")
        _require_pytorch(source.path)
        self._checkpoint = source.path
        self._folder = tempfile.TemporaryDirectory(prefix='mt3dnet-')
        self._output, self._errors = (Path(self._folder.name, name) for name in ('compiled', 'errors'))
        words = [str(source.path), *map(str, size), str(threads), str(self._output)]
        with self._errors.open('wb') as errors:
            # The child ends when this end of its input is closed, however this process ends.
            self._process = subprocess.Popen(
                [sys.executable, '-m', 'mt3dnet_ros.perception.back_ends.convert', *words],
                env={**os.environ, 'PYTHONPATH': _python_path()},
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=errors,
            )

    def result(self) -> bytes:
        """Wait for the process, and return what it compiled.

        :raises BackEndError: it failed
        """
        with self._folder:
            status = self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            if status != 0:
                said = self._errors.read_text(errors='replace').strip()
                reason = said.splitlines()[-1] if said else f'exit status {status}'
                raise BackEndError(f"checkpoint '{self._checkpoint}' could not be converted for openvino: {reason}")
            return self._output.read_bytes()

    def cancel(self) -> None:
        """End the process."""
        self._process.kill()


def _require_pytorch(checkpoint: Path) -> None:
    from importlib.util import find_spec

    if find_spec('torch') is None:
        remedy = f"or run `mt3dnet export --format onnx --checkpoint '{checkpoint}'` where it is"
        missing = MissingExtraError('torch', 'torch')
        raise BackEndError(f"no file that was exported from '{checkpoint}' lies beside it, and {missing}, {remedy}")


def _python_path() -> str:
    """Return where a child finds this package, whether it is installed or not."""
    root = str(Path(mt3dnet_ros.__file__).parents[1])
    return os.pathsep.join(filter(None, (root, os.environ.get('PYTHONPATH'))))
