"""XML as OpenCV's FileStorage writes it."""

from __future__ import annotations

from xml.parsers import expat

from mt3dnet_ros.media.calibration.values import CalibrationValueError, Value


class _Element:
    def __init__(self, tag: str, line: int) -> None:
        self.tag, self.line = tag, line
        self.children: list[_Element] = []
        self.text = ''

    def value(self, name: str = '') -> Value:
        if not self.children:
            return Value(self.text.strip(), name, self.line)
        if all(child.tag == '_' for child in self.children):  # OpenCV's sequences
            return Value([child.value(name) for child in self.children], name, self.line)
        content = {child.tag: child.value(f'{name}.{child.tag}' if name else child.tag) for child in self.children}
        return Value(content, name, self.line)


def parse_xml(text: str) -> Value:
    """Return the values inside of the outermost element.

    :raises CalibrationValueError: it is no XML
    """
    outermost = _Element('', 1)
    stack = [outermost]
    parser = expat.ParserCreate()

    def start(tag: str, _: dict[str, str]) -> None:
        element = _Element(tag, parser.CurrentLineNumber)
        stack[-1].children.append(element)
        stack.append(element)

    def text_of(data: str) -> None:
        stack[-1].text += data

    parser.StartElementHandler, parser.CharacterDataHandler = start, text_of
    parser.EndElementHandler = lambda _: stack.pop()
    try:
        parser.Parse(text.lstrip(), True)
    except expat.ExpatError as error:
        raise CalibrationValueError(f'no XML: {expat.ErrorString(error.code)}', error.lineno) from error
    try:
        return outermost.children[0].value()
    except RecursionError as error:
        raise CalibrationValueError('XML that is nested too deeply') from error
