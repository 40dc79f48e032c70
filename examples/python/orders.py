"""Places an order, watches it, brings a position to a size, sends a basket and closes everything.

Nothing but Python 3.9 or later is needed:

    TORAN_API_KEY=<your key> python3 examples/python/orders.py
"""

import http.client
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

BASE = os.environ.get("TORAN_URL", "http://127.0.0.1:5000")
KEY = os.environ.get("TORAN_API_KEY") or sys.exit("Set TORAN_API_KEY to an API key of your Toran.")
STRATEGY = "example-python"
SBIN = {"exchange": "NSE", "symbol": "SBIN", "product": "MIS"}
INFY = {"exchange": "NSE", "symbol": "INFY", "product": "MIS"}


class Refused(Exception):
    """Toran refused the call; sending it again changes nothing."""


def call(name, **fields):
    """One call. Success is exactly 200; everything else says in `message` what is wrong."""
    body = json.dumps({"apikey": KEY, "strategy": STRATEGY, **fields}).encode()
    request = urllib.request.Request(
        f"{BASE}/api/v1/{name}", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        if error.code == 429 or error.code >= 500:
            raise
        raise Refused(f"{name}: {json.load(error)['message']}") from None


def send(name, **fields):
    """An order call that may be repeated when no answer came: the id makes the same call the same order.

    Without such an id, never send an order again because you heard nothing.
    """
    fields["client_order_id"] = f"{STRATEGY}-{uuid.uuid4()}"
    for attempt in range(1, 5):
        try:
            return call(name, **fields)
        except (OSError, http.client.HTTPException):
            if attempt == 4:
                raise
            time.sleep(attempt)


def finished(order):
    """Waits until the order has ended; an open limit order may stay open for hours."""
    orderid = order["orderid"]
    if order.get("in_doubt"):
        print(f"{orderid} was sent and is not confirmed: wait, do not send it again.")
    for _ in range(50):
        row = call("orderstatus", orderid=orderid)["data"]
        if row["order_status"] in ("complete", "rejected", "cancelled"):
            return row
        time.sleep(0.2)
    raise TimeoutError(f"{orderid} is still open")


def main():
    placed = send("placeorder", **SBIN, action="BUY", quantity=1, pricetype="MARKET")
    row = finished(placed)
    print(f"placeorder: {placed['orderid']} {row['order_status']} at {row['average_price']}")

    # A target, not an order: what is there already counts.
    smart = send(
        "placesmartorder", **SBIN, action="BUY", quantity=0, position_size=3, pricetype="MARKET"
    )
    if "orderid" in smart:
        finished(smart)
    print(f"placesmartorder: the position is {call('openposition', **SBIN)['quantity']}")

    # All legs are accepted or none; here the SELL leg waits for the BUY leg.
    basket = send(
        "basketorder",
        sells_after_buys=True,
        orders=[
            {**INFY, "action": "BUY", "quantity": 1, "pricetype": "MARKET"},
            {**SBIN, "action": "SELL", "quantity": 1, "pricetype": "MARKET"},
        ],
    )
    for leg in basket["results"]:
        print(f"basketorder: {leg['symbol']} {finished(leg)['order_status']}")

    print(f"closeposition: {send('closeposition')['message']}")


try:
    main()
except (OSError, http.client.HTTPException, Refused) as fault:
    sys.exit(str(fault))
