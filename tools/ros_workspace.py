"""Build this package's messages with colcon, and write the shell set-up with which its nodes run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

SOURCES = ('CMakeLists.txt', 'LICENSE', 'NOTICE', 'config', 'launch', 'msg', 'mt3dnet_ros', 'package.xml', 'scripts')

# It has another name for the variable that names a profile, at which Fast DDS 3 warns.
FAST_DDS_2 = ('humble', 'jazzy')

INSPECT = """
import glob, json, numpy, sys, sysconfig
site = sysconfig.get_path('purelib')
print(json.dumps({
    'python': 'python%d.%d' % sys.version_info[:2],
    'include': sysconfig.get_path('include'),
    'numpy_include': numpy.get_include(),
    'libraries': sorted(glob.glob(site + '/ros_*.libs')),
}))
"""

ROS_SH = """\
# A shell in which the nodes of mt3dnet_ros run: `source .venv/ros.sh`. Written by tools/set_up.py.
_mt3dnet_prepend() {{  # variable, directory: put the directory first, once
  eval "_mt3dnet_value=\\${{$1:-}}"
  case ":$_mt3dnet_value:" in *":$2:"*) ;; *) export "$1=$2${{_mt3dnet_value:+:$_mt3dnet_value}}" ;; esac
}}
{environment}
# Large messages need a larger shared-memory segment than Fast DDS's default. A profile of the user's own goes first.
if [ -z "${{FASTDDS_DEFAULT_PROFILES_FILE:-}}${{FASTRTPS_DEFAULT_PROFILES_FILE:-}}" ]; then
  export {profile}='{root}/config/fastdds.xml'
fi
# Nodes are found from this machine alone, unless a variable of the user's own says otherwise: docs/robot/security.md.
if [ -z "${{ROS_AUTOMATIC_DISCOVERY_RANGE:-}}${{ROS_LOCALHOST_ONLY:-}}${{ROS_DISCOVERY_SERVER:-}}" ]; then
  export ROS_AUTOMATIC_DISCOVERY_RANGE=LOCALHOST
fi
# Without these, glibc returns each large activation to the kernel and faults it in again for the next frame.
export MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296 MALLOC_TOP_PAD_=268435456
# PyTorch's threads wait for each other some microseconds spinning, from one operation to the next, and then asleep.
# Asleep at once they take longer to wake than to work; spinning on, they starve others where the cores are busy.
export OMP_WAIT_POLICY="${{OMP_WAIT_POLICY:-PASSIVE}}" GOMP_SPINCOUNT="${{GOMP_SPINCOUNT:-10000}}"
unset -f _mt3dnet_prepend; unset _mt3dnet_value
"""


class BuildError(RuntimeError):
    """colcon could not build the package; the text holds its output."""


def inspect_python(venv: Path) -> dict[str, Any]:
    """Return what the environment's interpreter knows of itself: name, headers, bundled ROS libraries."""
    environment = {**os.environ, '_ROS_WHEELS_BOOTSTRAP_COMPLETE': '1'}
    found = subprocess.run([venv / 'bin/python', '-c', INSPECT], env=environment, check=True, stdout=subprocess.PIPE)
    return json.loads(found.stdout)


def repair_cmake_paths(venv: Path, facts: dict[str, Any]) -> int:
    """Replace the wheel builder's paths in the wheels' CMake files by this environment's; safe to run again.

    :return: how many files were changed
    """
    python = str(facts['python'])
    builder = f'/opt/python/cp{python[6:].replace(".", "")}-cp{python[6:].replace(".", "")}'
    replacements = {
        f'{builder}/lib/{python}/site-packages/numpy/_core/include': str(facts['numpy_include']),
        f'{builder}/include/{python}': str(facts['include']),
    }
    changed = 0
    for path in sorted((venv / 'share').rglob('*.cmake')):
        text = repaired = path.read_text()
        for old, new in replacements.items():
            repaired = repaired.replace(old, new)
        if repaired != text:
            path.write_text(repaired)
            changed += 1
    return changed


def write_ros_sh(root: Path, venv: Path, facts: dict[str, Any], ros: str | None) -> None:
    """Write `ros.sh` into the environment.

    :param ros: name of the ROS installation it stands on; None where ROS comes from the environment's wheels
    """
    install = venv / 'colcon/install'
    # Later lines win a place further ahead: the checkout precedes what colcon installed, so edits need no rebuild.
    prepend = []
    if ros is None:
        prepend += [('PATH', install / 'lib/mt3dnet_ros')]  # the wheels have no `ros2 run`
        prepend += [('AMENT_PREFIX_PATH', venv), ('CMAKE_PREFIX_PATH', venv), ('LD_LIBRARY_PATH', venv / 'lib')]
        prepend += [('LD_LIBRARY_PATH', path) for path in facts['libraries']]
    prepend += [
        ('PATH', venv / 'bin'),
        ('AMENT_PREFIX_PATH', install),
        ('CMAKE_PREFIX_PATH', install),
        ('LD_LIBRARY_PATH', install / 'lib'),
        ('PYTHONPATH', install / f'lib/{facts["python"]}/site-packages'),
        ('PYTHONPATH', root),
    ]
    lines = [f"_mt3dnet_prepend {variable} '{path}'" for variable, path in prepend]
    if ros is None:
        lines.append('# The libraries are on the path already: the wheels need not start python a second time for it.')
        lines.append('export _ROS_WHEELS_BOOTSTRAP_COMPLETE=1')
    else:
        # The installation's own set-up, for a shell that has not sourced it.
        set_up = Path(os.environ['AMENT_PREFIX_PATH'].split(':')[-1], 'setup.sh')
        lines.insert(0, f'[ -n "${{ROS_DISTRO:-}}" ] || . \'{set_up}\'')
    profile = 'FASTRTPS_DEFAULT_PROFILES_FILE' if ros in FAST_DDS_2 else 'FASTDDS_DEFAULT_PROFILES_FILE'
    (venv / 'ros.sh').write_text(ROS_SH.format(environment='\n'.join(lines), profile=profile, root=root))


def link_sources(root: Path, folder: Path) -> None:
    """Make a folder with links to the files colcon builds from.

    CMake refuses header directories inside the source directory, and those of NumPy are in `.venv`, in the checkout.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for source in SOURCES:
        for path in [root / source, *(root / source).rglob('*')]:
            if path.is_file() and path.suffix != '.pyc':
                link = folder / path.relative_to(root)
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(path)


def colcon_build(root: Path, venv: Path) -> None:
    """Build the package into the environment's `colcon/`; raises BuildError with the log if it fails."""
    base = venv / 'colcon'
    link_sources(root, base / 'src/mt3dnet_ros')
    command = [
        'colcon',
        '--log-base',
        f'{base}/log',
        'build',
        '--base-paths',
        f'{base}/src',
        '--build-base',
        f'{base}/build',
        '--install-base',
        f'{base}/install',
        '--merge-install',
        '--symlink-install',
        '--cmake-args',
        f'-DPython3_EXECUTABLE={venv}/bin/python',
        '-DBUILD_TESTING=OFF',
    ]
    script = 'source "$0" && exec "$@"'
    shell = ['bash', '-c', script, str(venv / 'ros.sh')]
    result = subprocess.run([*shell, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        raise BuildError(f'colcon build failed (log: {base}/log/latest_build)\n{result.stdout}')
