"""A page that is open in the browser."""

import json
import time


class Tab:
    """The open page, with what it logged and asked for since it was opened."""

    def __init__(self, driver):
        self.driver = driver

    def js(self, code, *args):
        return self.driver.execute_script(f"const E = EmsTwin, R = E.replay; {code}", *args)

    def find(self, css):
        return self.driver.find_element("css selector", css)

    def find_all(self, css):
        return self.driver.find_elements("css selector", css)

    def key(self, name, css="body", **modifiers):
        """Press a key while an element has the focus."""
        code = """
            const target = document.querySelector(arguments[0]);
            if (target !== document.body) target.focus();
            target.dispatchEvent(new KeyboardEvent("keydown", {key: arguments[1], bubbles: true, cancelable: true, ...arguments[2]}));
        """
        self.driver.execute_script(code, css, name, modifiers)

    def wait(self, code, seconds=5.0):
        """Wait until an expression holds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            value = self.js(f"return {code};")
            if value:
                return value
            time.sleep(0.03)
        raise AssertionError(f"never held: {code}")

    def complaints(self):
        """Everything that the console holds, warnings too."""
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self):
        """Addresses that the page asked for, and those that failed."""
        asked, failed = [], []
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                asked.append(message["params"]["request"]["url"])
            elif message["method"] == "Network.loadingFailed":
                failed.append(message["params"])
        return asked, failed
