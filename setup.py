"""Install the ROS-free part with pip; with ROS 2, build the package with colcon, which ignores this file."""

from pathlib import Path

from setuptools import find_packages, setup

TORCH = ['torch>=2.6']
DEMO = ['matplotlib>=3.8', 'lz4>=4.3', 'mcap>=1.6', 'transforms3d>=0.4']
DICOM = ['pydicom>=3.0']
OPENVINO = ['openvino>=2025.0']
DEPTH = [*TORCH, 'transformers>=4.50']
DOCS = ['mkdocs>=1.6,<2', 'mkdocs-material>=9.6', 'mkdocstrings[python]>=1.0']
EVALUATE = [*TORCH, 'faster-coco-eval>=1.6', 'matplotlib>=3.8', 'scipy>=1.11']
EXPORT = [*TORCH, 'onnx>=1.17', 'onnx-ir>=0.1', 'onnxruntime>=1.20', 'onnxscript>=0.3']
RAY = ['ray>=2.50']  # without its extras: no dashboard, no tuning, no serving
RECORDINGS = ['lz4>=4.3', 'mcap>=1.6', 'rosbags>=0.10', 'zstandard>=0.20']
RENDER = ['open3d>=0.19', 'scipy>=1.11']
TRAIN = [*TORCH, 'lightning>=2.4', 'matplotlib>=3.8', 'pytorch-optimizer>=3.5', 'tensorboard>=2.16']
TEST = [
    *DICOM,
    *RECORDINGS,
    *TORCH,
    'geomloss>=0.2',
    'hypothesis>=6.100',
    'ipykernel>=6.20',
    'mcap-ros2-support>=0.5',
    'mypy>=1.14',
    'nbclient>=0.10',
    'nbformat>=5.9',
    'packaging>=22',
    'pillow>=10',
    'POT>=0.9',
    'psutil>=5.9',
    'pycocotools>=2.0',
    'pytest>=7,<9',  # 9 breaks launch_testing's plugin, where that is installed
    'pytest-timeout>=2.2',
    'pytest-xdist>=3.6',
    'ruff>=0.9',
    'tifffile>=2023.1',
    'transformers>=4.50',
    'websocket-client>=1.6',
]
VIEW = [*RECORDINGS, 'foxglove-sdk>=0.30', 'rerun-sdk>=0.41,<0.42']  # their interfaces move from version to version

setup(
    name='mt3dnet_ros',
    version='0.2.0',
    description='Segmentation, detection, metric depth and saliency for robotic endoscopy',
    license='Apache-2.0',
    python_requires='>=3.10',
    long_description=Path('README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    license_files=['LICENSE', 'NOTICE'],
    # config/ lies at the top of the checkout, and inside the package where pip installs it.
    packages=[*find_packages(include=['mt3dnet_ros', 'mt3dnet_ros.*']), 'mt3dnet_ros.config'],
    package_dir={'mt3dnet_ros.config': 'config'},
    package_data={'mt3dnet_ros': ['py.typed'], 'mt3dnet_ros.config': ['**/*']},
    # opencv-python-headless 5 does not go together with a ROS installation's cv_bridge.
    install_requires=[
        'av>=13',
        'numpy>=1.24',
        'opencv-python-headless>=4.8,<5',
        *OPENVINO,
        'PyYAML>=6',
        'safetensors>=0.4',
        'tqdm>=4.60',
    ],
    extras_require={
        'demo': DEMO,
        'depth': DEPTH,
        'dicom': DICOM,
        'docs': DOCS,
        'evaluate': EVALUATE,
        'export': EXPORT,
        'openvino': OPENVINO,
        'ray': RAY,
        'recordings': RECORDINGS,
        'render': RENDER,
        'test': TEST,
        'torch': TORCH,
        'train': TRAIN,
        'view': VIEW,
    },
    entry_points={'console_scripts': ['mt3dnet = mt3dnet_ros.commands.main:main']},
)
