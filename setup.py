"""Install the ROS-free part with pip; with ROS 2, build the package with colcon, which ignores this file."""

from setuptools import find_packages, setup

DEMO = ['matplotlib>=3.8', 'mcap>=1.2', 'mcap-ros2-support>=0.5', 'tqdm>=4.60']
TRAIN = ['faster-coco-eval>=1.6', 'lightning>=2.4', 'matplotlib>=3.8', 'open3d>=0.19', 'pytorch-optimizer>=3.5', 'scipy>=1.11']
TEST = ['mypy>=1.14', 'pytest>=7,<9', 'pytest-timeout>=2.2', 'rosbags>=0.10', 'ruff>=0.9', 'transformers>=4.50', 'types-PyYAML']

setup(
    name='mt3dnet_ros',
    version='0.1.0',
    description='Segmentation, detection, metric depth and saliency for robotic endoscopy',
    license='Apache-2.0',
    python_requires='>=3.10',
    packages=find_packages(include=['mt3dnet_ros', 'mt3dnet_ros.*']),
    install_requires=[
        'numpy>=1.24',
        'opencv-python-headless>=4.8,<5',
        'PyYAML>=6',
        'safetensors>=0.4',
        'torch>=2.6',
    ],
    extras_require={
        'demo': DEMO,
        'openvino': ['openvino>=2025.0'],
        'test': TEST,
        'train': TRAIN,
    },
    entry_points={'console_scripts': ['mt3dnet = mt3dnet_ros.cli:main']},
)
