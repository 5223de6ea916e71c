"""Requests from elsewhere are refused."""

import socket

import httpx
import pytest

from sonogram.viewer.guard import allowed_hosts


def test_the_page_and_health_answer(reader):
    assert reader.get(reader.health).text == "ok"
    session = reader.get("session").json()
    assert [file["name"] for file in session["files"]] == ["broken.wav", "night/stereo.wav", "tone.wav"]
    assert session["folder"] == "yard"


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1", "127.0.0.1:1", "evil.example:{port}", "127.0.0.1:{port}.evil.example", ""],
)
@pytest.mark.parametrize("secret", [True, False])
def test_another_host_is_refused(reader, host, secret):
    answer = reader.get(
        "session" if secret else reader.health, headers={"Host": host.format(port=reader.server.port)}
    )
    assert answer.status_code in (400, 403)
    assert "yard" not in answer.text


@pytest.mark.parametrize("host", ["localhost:{port}", "[::1]:{port}", "LOCALHOST:{port}"])
def test_other_names_of_loopback_are_allowed(reader, host):
    answer = reader.get("session", headers={"Host": host.format(port=reader.server.port)})
    assert answer.status_code == 200


def test_two_hosts_are_refused(reader):
    port = reader.server.port
    request = f"GET /health HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nHost: evil.example\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(request.encode())
        assert b" 200 " not in connection.recv(100)


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", ""])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_another_origin_is_refused(reader, origin, method):
    answer = reader.request(method, "definition", headers={"Origin": origin}, content=b"{}")
    assert answer.status_code == 403


def test_a_write_without_origin_is_refused(reader):
    with httpx.Client(base_url=reader.server.url) as plain:
        assert plain.post("definition", json={"preset": "whisper-80"}).status_code == 403
        assert plain.get("session").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "session", "%00", "..", "T" * 5000])
def test_a_wrong_token_is_not_found(reader, token):
    answer = reader.get(f"http://127.0.0.1:{reader.server.port}/{token}/session")
    assert answer.status_code == 404
    assert "yard" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "page/../application.py",
        "page/..%2fapplication.py",
        "page/%2e%2e%2fapplication.py",
        "page/%2e%2e/application.py",
        "page//etc/passwd",
        "page/%2fetc%2fpasswd",
        "page/view.js%00.css",
        "file/..%2f..%2fbroken.wav",
        "file/tone.wav",
        "file/f2%00",
        "tile/f2/..%2fmix/x/0/0",
        "labels/..%2ftone.wav",
    ],
)
def test_no_path_of_the_request_reaches_a_file(reader, path):
    with socket.create_connection(("127.0.0.1", reader.server.port)) as connection:
        base = reader.server.url.partition(f":{reader.server.port}")[2]
        host = f"127.0.0.1:{reader.server.port}"
        connection.sendall(f"GET {base}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        answer = b""
        while piece := connection.recv(1 << 16):
            answer += piece
    assert answer.split()[1] in (b"404", b"400")
    assert b"root:" not in answer
    assert b"import" not in answer


def test_answers_carry_the_headers_that_protect_them(reader):
    for path in ("session", reader.health, "nothing"):
        headers = reader.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "access-control-allow-origin" not in headers


def test_bodies_are_limited(reader):
    answer = reader.post("definition", content=b'{"preset": "' + b"x" * (1 << 20) + b'"}')
    assert answer.status_code == 413
    assert reader.put("verdict", content=b"[" * 70_000).status_code == 413
    assert reader.put("verdict", content=b"[" * 60_000).status_code == 400  # deep nesting is no JSON either
    assert reader.put("verdict", content=b"\xff").status_code == 400


def test_links_out_of_a_folder_are_not_served(folder, tmp_path):
    from sonogram.viewer.session import Session

    outside = tmp_path / "private.wav"
    outside.write_bytes((folder / "tone.wav").read_bytes())
    (folder / "link.wav").symlink_to(outside)
    (folder / "inside.wav").symlink_to(folder / "tone.wav")
    names = [recording.name for recording in Session([folder]).recordings.values()]
    assert "link.wav" not in names
    assert "inside.wav" in names


def test_hosts_are_the_names_of_loopback_with_the_port():
    names = {"127.0.0.1", "localhost", "[::1]"}
    assert allowed_hosts(9000) == {f"{name}:9000" for name in names}
    assert allowed_hosts(80) == {f"{name}:80" for name in names} | names
