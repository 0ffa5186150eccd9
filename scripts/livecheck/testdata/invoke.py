"""Runs function.handler of a folder: invoke.py FOLDER. A line in is {"now": seconds, "event": …}, a line out the answer or the
error, as Lambda has it."""

import importlib
import json
import sys

sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True
function = importlib.import_module("function")
gmtime, strftime = function.time.gmtime, function.time.strftime


class Clock:
    gmtime, strftime = staticmethod(gmtime), staticmethod(strftime)
    now = 0

    def time(self):
        return self.now


function.time = clock = Clock()
for line in sys.stdin:
    call = json.loads(line)
    clock.now = call["now"]
    try:
        answer = {"payload": function.handler(call["event"], None)}
    except Exception as problem:
        answer = {"error": True, "payload": {"errorMessage": str(problem), "errorType": type(problem).__name__}}
    print(json.dumps(answer), flush=True)
