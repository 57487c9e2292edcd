"""The module, in a folder with images, keys and plugins, on virtual chips.

`hello.sap` needs nothing, `lot.sap` the value `lot`, `endless.sap` never ends, `locked.sap` is encrypted to the station,
`batch.sap` is for two units, `bad.sap` fails in line 3. The owner signed all of them and the list of plugins.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import time
import unittest
from pathlib import Path
from typing import Any, Optional

import imprint

ON = "twin:nRF52832_xxAA"


def open_image(name: str, **options: Any) -> imprint.Image:
    return imprint.Image.open(name, trust=["owner.pub"], **options)


def new_engine(**options: Any) -> imprint.Engine:
    return imprint.Engine(plugins=["plugins"], trust=["owner.pub"], **options)


class Images(unittest.TestCase):
    def test_an_image_says_what_its_signers_vouch_for(self) -> None:
        image = open_image("hello.sap")
        image.verify()
        self.assertEqual((image.name, image.device), ("unit", "nRF52832_xxAA"))
        self.assertEqual((len(image.id), len(image.signers)), (64, 1))
        self.assertIn("mass_erase", image.rights)
        self.assertFalse(image.is_encrypted)
        self.assertIn("unit for nRF52832_xxAA", repr(image))

    def test_what_is_wrong_is_an_error_with_code_and_help(self) -> None:
        for path, trust, code in [
            ("nowhere.sap", ["owner.pub"], "IMP-9031"),
            (".", ["owner.pub"], "IMP-9031"),
            ("owner.pub", ["owner.pub"], "IMP-2100"),
            ("hello.sapobj", ["owner.pub"], "IMP-8187"),
            ("hello.sap", ["stranger.pub"], "IMP-2106"),
            ("hello.sap", [], "IMP-2106"),
            ("hello.sap", ["nowhere.pub"], "IMP-2023"),
            ("hello.sap", ["owner.key"], "IMP-2025"),
        ]:
            with self.subTest(path=path, trust=trust):
                with self.assertRaises(imprint.ImprintError) as raised:
                    imprint.Image.open(path, trust=trust)
                error = raised.exception
                self.assertEqual(error.code, code)
                self.assertTrue(error.help and error.message)
                self.assertEqual(str(error), f"{code}: {error.message}")

    def test_a_damaged_image_is_found(self) -> None:
        data = bytearray(Path("hello.sap").read_bytes())
        data[-1] ^= 1
        with tempfile.TemporaryDirectory() as folder:
            damaged = Path(folder, "damaged.sap")
            damaged.write_bytes(data)
            image = imprint.Image.open(damaged, trust=[Path("owner.pub")])
            with self.assertRaises(imprint.ImprintError) as raised:
                image.verify()
        self.assertTrue(raised.exception.code.startswith("IMP-2"))

    def test_an_encrypted_image_opens_with_the_key_and_its_passphrase(self) -> None:
        engine = new_engine()
        image = open_image("locked.sap")
        self.assertTrue(image.is_encrypted)
        image.verify()
        with self.assertRaises(imprint.ImprintError) as raised:
            engine.run(image, on=ON)
        self.assertTrue(raised.exception.code.startswith("IMP-2"))
        image = open_image("locked.sap", station_key="station.key", passphrase="open sesame")
        image.verify()
        self.assertTrue(engine.run(image, on=ON).passed)
        for passphrase in [None, "wrong"]:
            with self.assertRaises(imprint.ImprintError):
                open_image("locked.sap", station_key="station.key", passphrase=passphrase)
        # Who is no station is not one by being named so; least of all is it trusted.
        with self.assertRaises(imprint.ImprintError):
            imprint.Image.open("hello.sap", trust=[], station_key="owner.pub")


class Units(unittest.TestCase):
    def test_a_unit_passes_and_its_report_is_typed(self) -> None:
        report = new_engine().run(open_image("hello.sap"), on=ON)
        self.assertIs(report.outcome, imprint.Outcome.PASS)
        self.assertTrue(report.passed and report.failure is None)
        report.raise_for_failure()
        self.assertEqual([step.name for step in report.steps], ["connect", "erase", "program", "verify"])
        self.assertTrue(all(step.ok and step.time.virtual_us for step in report.steps))
        self.assertEqual(len(report.uid or ""), 16)
        self.assertEqual((report.on, report.device, report.ordinal), (ON, "nRF52832_xxAA", None))
        self.assertTrue(report.changes.erased and report.changes.programmed and report.transfer_count)
        self.assertIn('"outcome":"pass"', report.json)

    def test_a_unit_that_fails_says_where_and_why(self) -> None:
        report = new_engine().run(open_image("bad.sap"), on=ON)
        self.assertIs(report.outcome, imprint.Outcome.FAIL)
        with self.assertRaises(imprint.UnitFailed) as raised:
            report.raise_for_failure()
        failure = raised.exception.failure
        self.assertEqual((raised.exception.code, failure.message), ("IMP-3010", "a scratch"))
        self.assertIs(raised.exception.report, report)
        self.assertIsInstance(raised.exception, imprint.ImprintError)
        self.assertEqual(failure.place and failure.place.line, 3)

    def test_what_cannot_begin_is_an_error(self) -> None:
        image = open_image("hello.sap")
        for on, code in [
            ("the bench", "IMP-9030"),
            ("twin:nRF51822_xxAA", "IMP-6003"),
            ("twin:./nowhere.twin", "IMP-7101"),
            ("probe:nowhere", "IMP-4050"),
        ]:
            with self.subTest(on=on), self.assertRaises(imprint.ImprintError) as raised:
                new_engine().run(image, on=on)
            self.assertEqual(raised.exception.code, code)
        untrusted = imprint.Engine(plugins=["plugins"], trust=["stranger.pub"])
        with self.assertRaises(imprint.ImprintError) as raised:
            untrusted.run(image, on=ON)
        self.assertTrue(raised.exception.code.startswith("IMP-5"))

    def test_progress_tells_all_on_the_thread_that_called(self) -> None:
        events: list[imprint.Event] = []
        threads = set()

        def progress(event: imprint.Event) -> None:
            events.append(event)
            threads.add(threading.get_ident())

        image = open_image("lot.sap")
        report = new_engine().run(image, on=ON, values={"lot": "L7"}, progress=progress)
        self.assertEqual(report.records, {"lot": "L7"})
        self.assertEqual(threads, {threading.get_ident()})
        kinds = {type(event) for event in events}
        self.assertLessEqual(
            {imprint.StepStarted, imprint.Progress, imprint.StepFinished, imprint.Changing, imprint.Recorded}, kinds
        )
        finished = [event.step for event in events if isinstance(event, imprint.StepFinished)]
        self.assertEqual(tuple(finished), report.steps)

    def test_what_is_missing_is_asked_for_before_anything_is_touched(self) -> None:
        asked: list[imprint.Prompt] = []
        image, engine = open_image("lot.sap"), new_engine()

        def answer(text: Optional[str]) -> imprint.UnitReport:
            asked.clear()

            def prompt(question: imprint.Prompt) -> Optional[str]:
                asked.append(question)
                return text

            return engine.run(image, on=ON, prompt=prompt)

        self.assertEqual(answer("L9").records, {"lot": "L9"})
        self.assertEqual(asked, [imprint.Prompt("value", "lot")])
        failure = answer(None).failure
        self.assertEqual(failure and failure.code, "IMP-8182")
        # What is given is not asked for.
        asked.clear()
        engine.run(image, on=ON, values={"lot": "L7"}, prompt=lambda question: asked.append(question))
        self.assertEqual(asked, [])

        def refuse(question: imprint.Prompt) -> str:
            raise LookupError(question.name)

        with self.assertRaises(LookupError):
            engine.run(image, on=ON, prompt=refuse)

    def test_units_are_counted_in_the_books(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            engine = new_engine(state=Path(folder, "books"))
            image = open_image("batch.sap")
            self.assertEqual([engine.run(image, on=ON).ordinal for _ in range(2)], [0, 1])
            with self.assertRaises(imprint.ImprintError) as raised:
                engine.run(image, on=ON)
            self.assertEqual(raised.exception.code, "IMP-8100")
        with self.assertRaises(imprint.ImprintError) as raised:
            new_engine().run(image, on=ON)
        self.assertEqual(raised.exception.code, "IMP-8189")

    def test_units_run_at_once(self) -> None:
        image, engine = open_image("hello.sap"), new_engine()
        reports: list[imprint.UnitReport] = []
        threads = [threading.Thread(target=lambda: reports.append(engine.run(image, on=ON))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual([report.passed for report in reports], [True] * 4)
        self.assertEqual(len({report.uid for report in reports}), 4)


class Stopping(unittest.TestCase):
    def setUp(self) -> None:
        self.image, self.engine = open_image("endless.sap"), new_engine()

    def test_a_token_stops_a_unit_from_another_thread_which_runs_meanwhile(self) -> None:
        cancel = imprint.CancelToken()
        self.assertFalse(cancel.is_cancelled)
        # The other thread is Python's: it could not run if the lock were held.
        timer = threading.Timer(0.2, cancel.cancel)
        timer.start()
        report = self.engine.run(self.image, on=ON, cancel=cancel)
        timer.join()
        self.assertIs(report.outcome, imprint.Outcome.CANCELLED)
        self.assertEqual(report.failure and report.failure.code, "IMP-8001")
        self.assertTrue(cancel.is_cancelled)

    def test_what_a_callback_raises_stops_the_unit_and_is_raised(self) -> None:
        calls = []

        def progress(event: imprint.Event) -> None:
            calls.append(event)
            raise LookupError("enough")

        with self.assertRaisesRegex(LookupError, "enough") as raised:
            self.engine.run(self.image, on=ON, progress=progress)
        self.assertEqual(len(calls), 1)
        report = getattr(raised.exception, "report")
        self.assertIs(report.outcome, imprint.Outcome.CANCELLED)

    def test_ctrl_c_stops_a_unit(self) -> None:
        def press() -> None:
            time.sleep(0.2)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=press)
        thread.start()
        with self.assertRaises(KeyboardInterrupt) as raised:
            self.engine.run(self.image, on=ON)
        thread.join()
        self.assertIs(getattr(raised.exception, "report").outcome, imprint.Outcome.CANCELLED)


class Lists(unittest.TestCase):
    def test_devices_and_probes_are_listed(self) -> None:
        devices = new_engine(devices=["devices"]).devices()
        self.assertIn(("nRF52832_xxAA", "nordic.nrf5"), [(it.name, it.family) for it in devices])
        self.assertIsInstance(imprint.list_probes(), list)
        self.assertEqual(imprint.__version__.count("."), 2)

    def test_a_twin_in_a_file_is_saved(self) -> None:
        before = Path("board.twin").read_text()
        image, engine = open_image("hello.sap"), new_engine()
        self.assertTrue(engine.run(image, on="twin:./board.twin").passed)
        self.assertNotEqual(Path("board.twin").read_text(), before)

    def test_arguments_of_a_wrong_type_are_type_errors(self) -> None:
        engine: Any = new_engine()
        with self.assertRaises(TypeError):
            engine.run(open_image("hello.sap"), on=7)
        with self.assertRaises(TypeError):
            engine.run(open_image("hello.sap"))


if __name__ == "__main__":
    unittest.main()
