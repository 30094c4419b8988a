"""What `mkdocs` does beyond its plugins: pages made from the code, and pages for the files that pages link to."""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import os
import re
import runpy
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from pymdownx.slugs import slugify

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = 'mt3dnet_ros'
MODULES = 'reference/modules'
SOURCE = 'source'  # where copies of the repository's files lie in the site
LINK = re.compile(r'(\]\()((?:\.\./)+[^)#\s]+)')
BY_NAME = re.compile(r'\[\w+\.md\]\(([^)#]+\.md)')
LANGUAGES = {'.py': 'python', '.yaml': 'yaml', '.xml': 'xml'}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Name the anchors of headings as GitHub does, so that the same links work at both places."""
    config.mdx_configs['toc']['slugify'] = slugify(case='lower')
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made from the code, and those for the files that are linked to."""
    modules = dict(module_pages())
    pages = {
        'reference/messages.md': messages_page(),
        'reference/commands.md': commands_page(),
        'reference/python.md': python_page(),
        **modules,
    }
    for name in linked_files(files):
        pages[f'{SOURCE}/{name}.md'] = source_page(ROOT / name)
    for name, text in pages.items():
        files.append(File.generated(config, name, content=text))
    config.nav = expand(config.nav, list(modules))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Turn links to files of the repository into links to their pages, and call a page by its title."""
    folder = Path(page.file.src_uri).parent

    def to_page(match: re.Match[str]) -> str:
        name = outside(folder, match[2])
        return match[0] if name is None else f'{match[1]}{os.path.relpath(f"{SOURCE}/{name}.md", folder)}'

    def by_title(match: re.Match[str]) -> str:
        target = ROOT / 'docs' / folder / match[1]
        return f'[{target.read_text().partition(chr(10))[0].lstrip("# ")}]({match[1]}' if target.is_file() else match[0]

    return BY_NAME.sub(by_title, LINK.sub(to_page, markdown))


def outside(folder: Path, link: str) -> str | None:
    """Return the name in the repository of what a page in a folder of `docs` links to, or None if that is in `docs`."""
    name = os.path.normpath(f'docs/{folder}/{link}')
    return None if name.startswith('docs/') else name


def linked_files(files: Files) -> set[str]:
    """Return the names in the repository of the files outside of `docs` that pages link to."""
    return {
        name
        for file in files.documentation_pages()
        for match in LINK.finditer(file.content_string)
        if (name := outside(Path(file.src_uri).parent, match[2])) and (ROOT / name).is_file()
    }


def source_page(path: Path) -> str:
    """Return a page that shows a file, and that the search leaves out."""
    language = LANGUAGES.get(path.suffix, 'text')
    return f'---\nsearch: {{exclude: true}}\n---\n# {path.name}\n\n````{language}\n{path.read_text()}\n````\n'


def expand(nav: Any, modules: list[str]) -> Any:
    """Put the pages of the modules where the navigation says `reference/modules/*`."""
    if isinstance(nav, dict):
        return {title: expand(below, modules) for title, below in nav.items()}
    if isinstance(nav, list):
        return [expand(below, modules) for below in nav]
    return modules if nav == f'{MODULES}/*' else nav


def module_pages() -> Iterator[tuple[str, str]]:
    """Yield name and text of a page for each folder of the package."""
    for folder in sorted({path.parent for path in (ROOT / PACKAGE).rglob('*.py')}):
        modules = sorted(path.stem for path in folder.glob('*.py') if not path.stem.startswith('__'))
        if modules:
            name = '.'.join(folder.relative_to(ROOT).parts)
            title = name.removeprefix(f'{PACKAGE}.')
            sections = [f'::: {name}.{module}\n    options: {{heading_level: 2}}\n' for module in modules]
            below_the_guides = '---\nsearch: {boost: 0.5}\n---'
            yield f'{MODULES}/{name}.md', '\n'.join([below_the_guides, f'# {title}\n', about(folder), *sections])


def about(folder: Path) -> str:
    """Return the docstring of a package."""
    return f'{ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""}\n'


def python_page() -> str:
    """Return the page of what `import mt3dnet_ros` gives."""
    package = importlib.import_module(PACKAGE)
    public = sorted((getattr(package, name) for name in getattr(package, '__all__', [])), key=inspect.isclass)
    options = '    options: {heading_level: 2, skip_local_inventory: true, show_root_full_path: false}\n'
    sections = [f'::: {thing.__module__}.{thing.__qualname__}\n{options}' for thing in public]
    return '\n'.join(['# Python\n', 'Here you look up what `import mt3dnet_ros` gives.\n', *sections])


def messages_page() -> str:
    """Return the page of the messages, of `msg/*.msg` and their comments."""
    head = '# Messages\n\nHere you look up what a field of our messages means, its unit and its value where unknown.\n'
    return '\n'.join([head, *(message_section(path) for path in sorted((ROOT / 'msg').glob('*.msg')))])


def message_section(path: Path) -> str:
    """Return what a message is for, and a table of its fields."""
    about, *groups = re.split(r'\n\s*\n', path.read_text().strip())
    head = [f'## {path.stem}\n', comment_of(about), '', '| field | type | meaning |', '|---|---|---|']
    return '\n'.join([*head, *map(field_row, groups), ''])


def field_row(group: str) -> str:
    """Return the row of fields that stand together in a message, without an empty line between, under one comment."""
    fields = [line.split(maxsplit=1) for line in group.splitlines() if not line.startswith('#')]
    names, types = ('<br>'.join(f'`{field[part]}`' for field in fields) for part in (1, 0))
    return f'| {names} | {types} | {comment_of(group)} |'


def comment_of(group: str) -> str:
    """Return the comment of some lines of a message."""
    return ' '.join(line.lstrip('# ') for line in group.splitlines() if line.startswith('#'))


def commands_page() -> str:
    """Return the page of the command `mt3dnet`, as it describes itself."""
    overview = help_of()
    names = re.findall(r'^    ([a-z-]+)  ', overview, re.MULTILINE)
    sections = [f'## mt3dnet {name}\n\n```text\n{help_of(name)}```\n' for name in names]
    head = '# Commands\n\nHere you look up the options of every command of `mt3dnet`, as `--help` prints them.\n'
    return '\n'.join([head, f'```text\n{overview}```\n', *sections])


def help_of(*words: str) -> str:
    """Return what `mt3dnet ... --help` prints."""
    printed = io.StringIO()
    plain = patch.dict(os.environ, {'COLUMNS': '98', 'NO_COLOR': '1'})
    with redirect_stdout(printed), plain, patch.object(sys, 'argv', ['mt3dnet', *words, '--help']):
        try:
            runpy.run_path(str(ROOT / 'scripts' / 'mt3dnet'), run_name='__main__')
        except SystemExit as end:
            if end.code:
                raise RuntimeError(f'mt3dnet {" ".join(words)} --help ended with {end.code}') from end
    return printed.getvalue()
