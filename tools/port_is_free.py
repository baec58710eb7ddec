"""Say so, and end with status 1, when the port of the first argument cannot be served on."""

import socket
import sys


def main(text):
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        return f"PORT={text} is not a port: give a number from 1 to 65535, for instance make run PORT=8123."
    with socket.socket() as listener:
        # As servers do: a port that was closed a moment ago is free.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", int(text)))
        except OSError as error:
            return (
                f"Port {text} cannot be used ({error.strerror}): end the program that has it, "
                f"or choose another: make run PORT={8123 if text != '8123' else 8124}"
            )
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
