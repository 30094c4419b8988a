"""From a network's file to what runs it now, and what will."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread

from mt3dnet_ros.perception.back_ends.back_end import BackEnd
from mt3dnet_ros.perception.back_ends.network_source import NetworkSource
from mt3dnet_ros.perception.back_ends.registry import BACK_ENDS, choose_back_end, make_back_end, settle_back_end
from mt3dnet_ros.perception.back_ends.relay import BackEndRelay, Runner
from mt3dnet_ros.perception.device import CPU


def start_back_end(
    source: NetworkSource, name: str, device: str, threads: int = 0, serve_meanwhile: bool = False
) -> BackEndRelay:
    """Return what runs a network.

    :param name: of ``BACK_ENDS``, or 'auto'
    :param device: as ``choose_device`` returns it
    :param threads: of the CPU; 0 for one per core
    :param serve_meanwhile: where PyTorch runs it, as OpenVINO would have to convert it first, have that done, and let
        OpenVINO take over
    :raises CheckpointError, BackEndError, MissingExtraError: with the reason
    """
    chosen = settle_back_end(name, source, device, threads)

    def make(kind: str, where: str) -> Runner:
        return Runner(kind, make_back_end(kind, source, where, threads=threads))

    def make_spare(failed: str) -> Runner:
        return make(_spare(failed, device, source), CPU)

    if serve_meanwhile and chosen != choose_back_end(name, device):
        return BackEndRelay(make(chosen, device), make_spare, *_begin_conversion(source, threads))
    return BackEndRelay(make(chosen, device), make_spare)


def _spare(failed: str, device: str, source: NetworkSource) -> str:
    """Return what runs a network on the CPU where a back end failed: another one where there is one for it."""
    others = [
        kind
        for kind in ('openvino', 'torch')
        if BACK_ENDS[kind].is_installed and (kind == 'openvino' or source.path is not None)
    ]
    if device != CPU:
        return others[0]
    return next((kind for kind in others if kind != failed.partition('_')[0]), others[0])


def _begin_conversion(source: NetworkSource, threads: int) -> tuple[Future[Runner], Callable[[], None]]:
    """Begin to convert a network for OpenVINO; return what will run it, and what gives that up."""
    from mt3dnet_ros.perception.back_ends.compiled import NetworkCompiler
    from mt3dnet_ros.perception.back_ends.openvino import OpenVINOBackEnd

    compiler = NetworkCompiler(source, source.input_size, threads)
    conversion = compiler.begin_conversion()

    def prepare() -> BackEnd:
        return OpenVINOBackEnd(compiler.finish(conversion), source.config, source.input_size)

    return _in_a_thread(prepare), conversion.cancel


def _in_a_thread(prepare: Callable[[], BackEnd]) -> Future[Runner]:
    future: Future[Runner] = Future()

    def run() -> None:
        try:
            future.set_result(Runner('openvino', prepare()))
        except Exception as error:
            future.set_exception(error)

    Thread(target=run, name='conversion', daemon=True).start()
    return future
