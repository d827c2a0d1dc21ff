"""A crawler that follows every link of the free times, one after another: python -m tests.bench.crawler PORT"""

import http.client
import re
import signal
import sys
from html import unescape
from urllib.parse import urljoin, urlsplit

START = "/appointments/times/"


def main(port: int) -> None:
    seen, left = {START}, [START]
    # Told to stop, it says how far it has come.
    signal.signal(signal.SIGTERM, lambda *_: (print(len(seen), flush=True), sys.exit()))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    answered = False
    while left:
        address = left.pop()
        try:
            connection.request("GET", address)
            answer = connection.getresponse()
            body = answer.read().decode(errors="replace")
        except (http.client.HTTPException, OSError):
            connection.close()
            continue
        if not answered:
            answered = True
            print("on its way", flush=True)
        if answer.status != 200 or "text/html" not in answer.headers["Content-Type"]:
            continue
        for link in re.findall(r'href="([^"#]*)', body):
            parts = urlsplit(urljoin(address, unescape(link)))
            following = f"{parts.path}?{parts.query}" if parts.query else parts.path
            # Free times, and what they lead to.
            if not parts.netloc and following.startswith("/appointments/") and following not in seen:
                seen.add(following)
                left.append(following)
    signal.pause()


if __name__ == "__main__":
    main(int(sys.argv[1]))
