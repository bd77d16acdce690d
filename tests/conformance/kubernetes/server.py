"""The API server without controllers (apiserver.c), and requests to it over one connection."""
import http.client
import json
import subprocess


class Server:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.address = self.process.stdout.readline().strip()
        self.token = self.process.stdout.readline().strip()
        if not self.address:
            raise RuntimeError(f"{program} did not start")
        host, port = self.address.split(":")
        self.connection = http.client.HTTPConnection(host, int(port), timeout=20)

    def send(self, method, target, body=None, headers=()):
        """(status, headers, bytes)"""
        headers = {"Authorization": "Bearer " + self.token, **dict(headers)}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        self.connection.request(method, target, body, headers)
        answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def json(self, method, target, body=None, headers=()):
        status, _, text = self.send(method, target, body, headers)
        return status, json.loads(text) if text else None

    def stop(self):
        self.connection.close()
        self.process.stdin.close()
        self.process.wait(20)
