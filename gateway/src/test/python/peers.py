"""Checks Attune against the real Python Jina over gRPC and HTTP.

Usage: peers.py ATTUNE (the launcher). Starts a Python executor, an Attune Flow that uses it as an
external one, an Attune executor, and a Python Flow that uses that one; runs every function named
check_* and prints one line for each. Exits 1 where one failed.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import urllib.error
import urllib.request

import grpc
import numpy as np
from docarray import Document, DocumentArray
from google.protobuf import empty_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from jina import Client, Flow
from jina.excepts import BadServer
from jina.proto import jina_pb2_grpc
from jina.types.request.data import DataRequest

HERE = pathlib.Path(__file__).parent
STARTUP_SECONDS = 120


class Process:
    """A process whose output is searched for the line that says it is ready."""

    def __init__(self, command, ready, **options):
        self.command = command
        self.ready = re.compile(ready)
        self.lines = []
        self.match = None
        self.found = threading.Event()
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True, **options
        )
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            match = self.ready.search("\n".join(self.lines))
            if match and not self.match:
                self.match = match
                self.found.set()
        self.found.set()

    def await_ready(self):
        if not self.found.wait(STARTUP_SECONDS) or not self.match:
            raise AssertionError(f"{self.command} did not start:\n" + "\n".join(self.lines[-40:]))
        return self.match.groups()

    def stop(self):
        """Ends it as an operator would, and gives its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.command} did not stop:\n" + "\n".join(self.lines[-40:]))

    def kill(self):
        """Ends what is left of it, children of Jina's that outlive it included."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def http(port, method, path, body=None, headers=None):
    data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(headers or {})}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", data=data, method=method, headers=headers
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def grpc_client(flow, **options):
    return Client(host="127.0.0.1", port=flow.grpc, protocol="grpc", **options)


def http_client(flow):
    return Client(host="127.0.0.1", port=flow.http, protocol="http")


def texts(count):
    return DocumentArray([Document(text=f"text {i}", tags={"i": i}) for i in range(count)])


# --- the Python client against an Attune Flow ---


def check_python_executor_behind_our_gateway(flow):
    docs = grpc_client(flow).post("/shout", texts(3), parameters={"mark": "!"})
    assert docs.texts == ["TEXT 0!", "TEXT 1!", "TEXT 2!"], docs.texts
    docs = grpc_client(flow).post("/shout", texts(1), parameters={"python__mark": "?", "other__mark": "!"})
    assert docs.texts == ["TEXT 0?"], docs.texts


def check_stream_and_single_and_http_answer_alike(flow):
    for client, options in [
        (grpc_client(flow), {"stream": True}),
        (grpc_client(flow), {"stream": False}),
        (http_client(flow), {}),
    ]:
        docs = client.post("/shout", texts(250), request_size=10, results_in_order=True, **options)
        assert docs.texts == [f"TEXT {i}" for i in range(250)], (options, docs.texts[:5])
        assert [int(d.tags["i"]) for d in docs] == list(range(250))


def check_results_in_order_with_prefetch(flow):
    slow_first = DocumentArray([Document(tags={"seconds": 0.4 if i == 0 else 0}) for i in range(20)])
    ids = slow_first[:, "id"]
    docs = grpc_client(flow, prefetch=5).post("/slow", slow_first, request_size=1, results_in_order=True)
    assert docs[:, "id"] == ids
    docs = grpc_client(flow).post("/slow", slow_first, request_size=1)
    assert docs[:, "id"] != ids and sorted(docs[:, "id"]) == sorted(ids), "answers come as they are ready"


def check_index_and_search(flow):
    rows = ["the cat sat on the mat", "how to bake bread", "a rocket flies to the moon"]
    for client in (grpc_client(flow), http_client(flow)):
        stored = DocumentArray([Document(id=f"doc{i}", text=text) for i, text in enumerate(rows)])
        client.post("/index", stored, request_size=2)
        found = client.post("/search", Document(text="space travel"), parameters={"limit": 2})
        matches = found[0].matches
        assert len(matches) == 2 and matches[0].text == rows[2], matches.texts
        first, second = (match.scores["cosine"].value for match in matches)
        assert 0 <= first <= second <= 2, (first, second)
    docs = grpc_client(flow).post("/encode", Document(text="space travel"))
    assert docs[0].embedding.shape == (384,) and docs[0].embedding.dtype == np.float32


def check_results_arrive_in_parameters(flow):
    answers = grpc_client(flow).post("/count", texts(4), return_responses=True)
    results = answers[0].parameters["__results__"]
    assert results["python"]["count"] == 4, results


def check_routes_tell_who_was_called(flow):
    for client in (grpc_client(flow), http_client(flow)):
        answer = client.post("/shout", texts(1), return_responses=True)[0]
        executors = [route.executor for route in answer.routes]
        assert executors[0] == "gateway" and "python" in executors, executors
        for route in answer.routes:
            assert route.end_time.ToNanoseconds() >= route.start_time.ToNanoseconds()


def check_target_executor(flow):
    docs = grpc_client(flow).post("/shout", texts(1), target_executor="enc")
    assert docs.texts == ["text 0"], docs.texts


def check_an_executors_exception(flow):
    seen = []
    for client in (grpc_client(flow), http_client(flow)):
        try:
            client.post("/fail", texts(1))
            raise AssertionError("no failure")
        except BadServer as failure:
            status = failure.args[0].status if hasattr(failure.args[0], "status") else failure.args[0].header.status
            assert "python says no" in status.description, status
            assert status.exception.name == "ValueError", status
        client.post("/fail", texts(1), on_error=seen.append, on_done=lambda _: seen.append(None))
    assert len(seen) == 2 and all(answer.header.status.code == 1 for answer in seen), seen
    # a failed request does not end the stream
    mixed = []
    requests = [Document(tags={"seconds": 0})] * 3
    grpc_client(flow).post("/fail", requests, request_size=1, on_error=mixed.append)
    assert len(mixed) == 3


def check_a_refusal_of_ours(flow):
    bad = Document(embedding=np.zeros(7, dtype=np.float32))
    seen = []
    grpc_client(flow).post("/search", bad, on_error=seen.append)
    status = seen[0].header.status
    assert status.code == 1 and re.fullmatch("[A-Z_]+", status.exception.name), status
    code, body = http(flow.http, "POST", "/search", {"data": [{"embedding": [0.0] * 7}]})
    assert code in (400, 412), (code, body)
    assert body["header"]["status"]["exception"]["name"] == status.exception.name, body


def check_readiness_dry_run_and_profiling(flow):
    for client in (grpc_client(flow), http_client(flow)):
        assert client.is_flow_ready()
    assert http(flow.http, "GET", "/dry_run")[1]["code"] == 0
    assert http(flow.http, "GET", "/") == (200, {})
    grpc_client(flow).profiling(show_table=False)


def check_status(flow):
    code, body = http(flow.http, "GET", "/status")
    assert code == 200 and set(body) == {"jina", "envs"} and body["jina"]["attune"], body
    with grpc.insecure_channel(f"127.0.0.1:{flow.grpc}") as channel:
        info = jina_pb2_grpc.JinaInfoRPCStub(channel)._status(empty_pb2.Empty())
        assert info.jina["jina"].startswith("3."), info


def check_health_and_reflection(flow):
    for port in (flow.grpc, flow.executor):
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            health = health_pb2_grpc.HealthStub(channel)
            for service in ("", "jina.JinaRPC"):
                answer = health.Check(health_pb2.HealthCheckRequest(service=service))
                assert answer.status == health_pb2.HealthCheckResponse.SERVING
            asked = reflection_pb2.ServerReflectionRequest(list_services="")
            answer = next(iter(reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([asked]))))
            names = {service.name for service in answer.list_services_response.service}
            assert {"jina.JinaRPC", "jina.JinaSingleDataRequestRPC", "jina.JinaDiscoverEndpointsRPC"} <= names, names


def check_jina_ping(flow):
    jina = pathlib.Path(sys.executable).with_name("jina")
    for kind, port in (("flow", flow.grpc), ("gateway", flow.grpc), ("executor", flow.executor)):
        subprocess.run(
            [jina, "ping", kind, f"grpc://127.0.0.1:{port}", "--attempts", "1"], check=True, capture_output=True
        )


def check_client_metadata_compression_and_empty_requests(flow):
    docs = grpc_client(flow).post("/shout", texts(2), compression="Gzip", metadata=(("x-mine", "1"),))
    assert docs.texts == ["TEXT 0", "TEXT 1"]
    assert len(grpc_client(flow).post("/shout")) == 0


def check_content_survives(flow):
    doc = Document(
        blob=b"\x00\xff", tags={"nested": {"list": [1, "a", None, True]}}, uri="data:,x", mime_type="image/png",
        chunks=[Document(tensor=np.arange(6, dtype=np.int16).reshape(2, 3))], weight=0.5, modality="text",
        location=[1, 2.5], offset=3.0, embedding=np.eye(2),
    )
    doc.scores["cosine"].value = 0.25
    for client in (grpc_client(flow), http_client(flow)):
        back = client.post("/nobody", doc)[0]
        assert back.blob == doc.blob and back.tags == doc.tags and back.id == doc.id
        assert np.array_equal(back.chunks[0].tensor, doc.chunks[0].tensor)
        assert np.array_equal(back.embedding, doc.embedding)
        assert back.scores["cosine"].value == 0.25 and back.location == doc.location


def check_many_clients_at_once(flow):
    def one(number):
        sent = DocumentArray([Document(text=f"client {number} text {i}") for i in range(60)])
        docs = grpc_client(flow).post("/shout", sent, request_size=7, results_in_order=True)
        return docs.texts == [text.upper() for text in sent.texts]

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert all(pool.map(one, range(12)))


def check_a_deadline(flow):
    with grpc.insecure_channel(f"127.0.0.1:{flow.grpc}") as channel:
        request = DataRequest()
        request.header.exec_endpoint = "/slow"
        request.data.docs = DocumentArray([Document(tags={"seconds": 30})])
        started = time.monotonic()
        try:
            jina_pb2_grpc.JinaSingleDataRequestRPCStub(channel).process_single_data(request, timeout=0.5)
            raise AssertionError("no deadline")
        except grpc.RpcError as failure:
            assert failure.code() == grpc.StatusCode.DEADLINE_EXCEEDED, failure
        assert time.monotonic() - started < 10


def check_openapi_is_valid(flow):
    from openapi_spec_validator import validate

    document = http(flow.http, "GET", "/openapi.json")[1]
    validate(document)
    for path in ("/", "/post", "/index", "/search", "/status", "/dry_run", "/shout"):
        assert path in document["paths"], (path, list(document["paths"]))


def check_http_bad_input(flow):
    for body, code in [
        (b'{"data": [', 400),
        (b"[1, 2]", 400),
        (b'{"data": [{"txt": "a"}]}', 400),
        (b'{"data": ' + b"[" * 5000 + b"]" * 5000 + b"}", 400),
        (b'{"parameters": ' + b'{"a":' * 300 + b"1" + b"}" * 300 + b"}", 400),
    ]:
        got, answer = http(flow.http, "POST", "/search", body)
        assert got == code and answer["detail"], (body[:30], got, answer)
    assert http(flow.http, "POST", "/search", b"{}", {"content-type": "text/plain"})[0] == 415
    assert http(flow.http, "POST", "/nowhere", b"{}")[0] == 404
    assert http(flow.http, "GET", "/search")[0] == 405


# --- a Python Flow with an Attune executor ---


def check_our_executor_behind_a_python_gateway(flow):
    with Flow(timeout_ready=60_000).add(
        name="encoder", host="127.0.0.1", port=flow.executor, external=True
    ) as python:
        docs = python.post("/encode", texts(5), request_size=2, results_in_order=True)
        assert [doc.embedding.shape for doc in docs] == [(384,)] * 5
        again = grpc_client(flow).post("/encode", texts(5))
        assert np.allclose(docs.embeddings, again.embeddings, atol=1e-5)
        seen = []
        python.post("/encode", texts(1), parameters={"batch_size": -1}, on_error=seen.append)
        assert seen[0].header.status.exception.name == "INVALID_ARGUMENT", seen
        assert python.is_flow_ready()


class Peers:
    """What the checks run against."""

    def __init__(self, attune, folder, processes):
        self.processes = processes
        python_port = free_port()
        self.executor = free_port()
        workspace = str(folder / "workspace")
        relay_port = free_port()
        jina = str(pathlib.Path(sys.executable).with_name("jina"))
        python = self.start(
            [jina, "executor", "--name", "python", "--uses", "PeerExecutor", "--py-modules", str(HERE / "peer_executor.py"),
             "--host", "127.0.0.1", "--port", str(python_port)],
            "start server bound to",
        )
        relay = self.start([sys.executable, str(HERE / "relay.py"), str(relay_port)], "ready")
        encoder = self.start(
            [attune, "executor", "--uses", "Encoder", "--port", str(self.executor), "--workspace", workspace + "/e"],
            "executor encoder is ready",
        )
        flow = self.start(
            [attune, "flow", str(HERE / "flow.yml"), "--context", f"python_port={python_port}",
             "--context", f"relay_port={relay_port}", "--port", "0", "--http-port", "0", "--workspace", workspace],
            r"gRPC  grpc://127.0.0.1:(\d+)\n(?:.*\n)*?\s*HTTP  http://127.0.0.1:(\d+)",
        )
        python.await_ready()
        relay.await_ready()
        encoder.await_ready()
        self.grpc, self.http = map(int, flow.await_ready())
        self.flow = flow

    def start(self, command, ready):
        process = Process(command, ready, env={**os.environ, "JINA_OPTOUT_TELEMETRY": "1", "JINA_HIDE_SURVEY": "1"})
        self.processes.append(process)
        return process

    def stop(self):
        return [process.stop() for process in reversed(self.processes)]


def main():
    attune = sys.argv[1]
    os.environ["JINA_OPTOUT_TELEMETRY"] = "1"
    failed = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        processes = []
        try:
            peers = Peers(attune, pathlib.Path(folder), processes)
            print(f"peers are up after {time.monotonic() - started:.0f} s", flush=True)
            checks = [value for name, value in globals().items() if name.startswith("check_")]
            for check in checks:
                before = time.monotonic()
                try:
                    check(peers)
                    print(f"ok    {check.__name__} ({time.monotonic() - before:.1f} s)", flush=True)
                except Exception:
                    failed.append(check.__name__)
                    print(f"FAIL  {check.__name__}\n{traceback.format_exc()}", flush=True)
            if failed:
                print("\n".join(peers.flow.lines[-60:]))
            statuses = peers.stop()
            if statuses[0] not in (0, 143):
                failed.append(f"the Flow ended with {statuses[0]}")
        finally:
            for process in processes:
                process.kill()
    print(f"{len(checks) - len(failed)} passed, {len(failed)} failed {failed or ''}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
