"""Calls the published Python client: one line of JSON in, one line with the outcome out."""

import json
import os
import sys

from openalgo import api

client = api(api_key=os.environ["TORAN_API_KEY"], host=os.environ["TORAN_URL"])

for line in sys.stdin:
    call = json.loads(line)
    returned = getattr(client, call["method"])(**call["fields"])
    # Instruments come back as a table of the pandas library.
    if hasattr(returned, "to_dict"):
        returned = {"status": "success", "columns": list(returned.columns), "rows": len(returned)}
    print(json.dumps({"returned": returned}), flush=True)
