"""Writes captured.json: messages as jupyter_client's Session puts them on the
wire. Run it with a Python that has jupyter_client; the test needs only the
file."""

import json
import sys

import jupyter_client
from jupyter_client.session import Session

session = Session(key=b"a key of the test", username="student", session="front-end")
MESSAGES = {
    "kernel_info_request": {},
    "execute_request": {
        "code": 'fmt.Println("Grüße, 世界 🎉 <b>&amp;</b>")',
        "silent": False,
        "store_history": True,
        "user_expressions": {"n": "len(xs)"},
        "allow_stdin": True,
        "stop_on_error": True,
    },
    "inspect_request": {"code": "fmt.Print", "cursor_pos": 5, "detail_level": 1},
    "complete_request": {"code": "fmt.Pr", "cursor_pos": 6},
    "history_request": {"output": False, "raw": True, "hist_access_type": "tail", "n": 1000},
    "is_complete_request": {"code": "for {"},
    "comm_info_request": {"target_name": "jupyter.widget"},
    "comm_open": {"comm_id": "c1", "target_name": "jupyter.widget", "data": {"state": {"value": 7}}},
    "comm_msg": {"comm_id": "c1", "data": {"method": "update"}},
    "comm_close": {"comm_id": "c1", "data": {}},
    "shutdown_request": {"restart": True},
    "interrupt_request": {},
    "connect_request": {},
    "debug_request": {"type": "request", "seq": 1, "command": "debugInfo"},
    "create_subshell_request": {},
    "delete_subshell_request": {"subshell_id": "s1"},
    "list_subshell_request": {},
    "input_reply": {"value": "Ada"},
}

captured = []
for kind, content in MESSAGES.items():
    msg = session.msg(kind, content=content)
    msg["header"]["unknown_field"] = {"kept": [1, 2.5, None]}
    if kind == "comm_msg":
        msg["buffers"] = [b"\x00\x01", b""]
    frames = session.serialize(msg, ident=[b"router-id"]) + msg.get("buffers", [])
    captured.append([f.decode("latin1") for f in frames])
json.dump(
    {"jupyter_client": jupyter_client.__version__, "key": session.key.decode(), "messages": captured},
    sys.stdout,
    indent=1,
)
