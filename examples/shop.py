#!/usr/bin/env python3
"""A shop's evening in Python, with nothing but the standard library: points for visits, and a payment by points.

    python3 examples/shop.py http://127.0.0.1:8080 "$(cat data/gateway/first.key)"
"""

import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


class Refused(Exception):
    """The gateway did not do it: code, what to do, and the path of the receipt that proves a refusal."""

    def __init__(self, problem):
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.code = problem["code"]
        self.retryable = problem.get("retryable", False)
        self.receipt = problem.get("receipt")


class Shop:
    def __init__(self, url, key):
        self.url, self.key = url.rstrip("/"), key

    def ask(self, method, path, body=None):
        """Asks, and asks the same again where nobody answered: under one key it counts once."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"authorization": f"Bearer {self.key}", "content-type": "application/json"}
        for attempt in range(4):
            request = urllib.request.Request(self.url + path, data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return json.load(answer)
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503) or attempt == 3:
                    raise Refused(json.load(error)) from None
            except urllib.error.URLError:
                if attempt == 3:
                    raise
            time.sleep(0.2 * 2**attempt)

    def earn(self, member, points, key, **more):
        return self.ask("POST", "/v1/earn", {"member": member, "points": points, "id": key, **more})

    def member(self, member):
        return self.ask("GET", "/v1/members/" + urllib.parse.quote(member, safe=""))

    def movements(self, member):
        return self.ask("GET", "/v1/members/" + urllib.parse.quote(member, safe="") + "/movements")["movements"]

    def order(self, order, act, body):
        return self.ask("POST", f"/v1/orders/{urllib.parse.quote(order, safe='')}/{act}", body)


def main(url, key):
    shop = Shop(url, key)
    member, order = "cust_py", "py-order-1"
    shop.earn(member, 120, "py-visit-1", order="py-order-0")
    # The queue delivers it a second time.
    assert shop.earn(member, 120, "py-visit-1", order="py-order-0")["repeated"]
    try:
        shop.order(order, "hold", {"member": member, "points": 500})
    except Refused as refused:
        print("refused:", refused.code)
    shop.order(order, "hold", {"member": member, "points": 100})
    shop.order(order, "capture", {"points": 80})
    shop.order(order, "refund", {"points": 30, "id": "one article came back"})
    print("balance:", shop.member(member)["units"]["stars"]["balance"])
    for movement in shop.movements(member):
        print(movement["kind"], movement["points"], movement["balance"], movement["order"])


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], sys.argv[2])
