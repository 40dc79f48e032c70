#!/bin/sh
# Places an order, looks at it, brings a position to a size, sends a basket and closes everything.
#
#   TORAN_API_KEY=<your key> sh examples/curl/orders.sh
set -eu

base=${TORAN_URL:-http://127.0.0.1:5000}
key=${TORAN_API_KEY:?set TORAN_API_KEY to an API key of your Toran}
run=example-curl-$(date +%s)-$$

# post NAME: sends what comes on standard input; the body, and so the key, is not in the list of processes.
# Ends the script when the answer is no success; the answer says why.
post() {
  answer=$(curl -sS -X POST "$base/api/v1/$1" -H 'content-type: application/json' --data-binary @-)
  echo "$1: $answer"
  case $answer in *'"status":"success"'*) ;; *) exit 1 ;; esac
}

# client_order_id makes a repeat of the same call the same order.
post placeorder <<JSON
{"apikey": "$key", "strategy": "example-curl", "exchange": "NSE", "symbol": "SBIN", "action": "BUY",
 "quantity": 1, "pricetype": "MARKET", "product": "MIS", "client_order_id": "$run-1"}
JSON
orderid=$(echo "$answer" | sed 's/.*"orderid":"\([0-9]*\)".*/\1/')

post orderstatus <<JSON
{"apikey": "$key", "strategy": "example-curl", "orderid": "$orderid"}
JSON

# A target, not an order: what is there already counts.
post placesmartorder <<JSON
{"apikey": "$key", "strategy": "example-curl", "exchange": "NSE", "symbol": "SBIN", "action": "BUY",
 "quantity": 0, "position_size": 3, "pricetype": "MARKET", "product": "MIS", "client_order_id": "$run-2"}
JSON

# All legs are accepted or none.
post basketorder <<JSON
{"apikey": "$key", "strategy": "example-curl", "client_order_id": "$run-3", "sells_after_buys": true, "orders": [
  {"exchange": "NSE", "symbol": "INFY", "action": "BUY", "quantity": 1, "pricetype": "MARKET", "product": "MIS"},
  {"exchange": "NSE", "symbol": "SBIN", "action": "SELL", "quantity": 1, "pricetype": "MARKET", "product": "MIS"}]}
JSON

# The fills of a moment ago reach the books first.
sleep 1
post closeposition <<JSON
{"apikey": "$key", "strategy": "example-curl", "client_order_id": "$run-4"}
JSON
