"""The table of what became of each model."""

import json
from dataclasses import dataclass


def number(value):
    return f"{value:.0e}" if isinstance(value, float) else "" if value is None else "failed"


@dataclass
class Outcome:
    """What the three steps left in a model's folder."""

    export: dict
    bantam: dict
    written: dict

    @property
    def is_applicable(self):
        """Whether there is a model: what the exporter could not write says nothing about Bantam."""
        return self.export.get("exported", False)

    @property
    def passed(self):
        parts = self.bantam.get("passed"), self.bantam.get("removal_passed"), self.written.get("passed")
        return all(part is True for part in parts)

    @property
    def distances(self):
        """How far Bantam and ONNX Runtime are from the result in float64; nothing where that is not known."""
        own, other = self.bantam.get("exact_difference"), self.export.get("exact_difference")
        return None if own is None or other is None else (own, other)

    @property
    def is_exact(self):
        """Whether Bantam is no farther from the result in float64 than ONNX Runtime is."""
        return self.distances is not None and self.distances[0] <= self.distances[1]

    @property
    def cells(self):
        missing = len(self.bantam.get("missing_gradients", [])) + len(self.bantam.get("broken_gradients", []))
        count = self.bantam.get("parameters", 0)
        groups, left = self.bantam.get("channel_groups"), self.bantam.get("parameters_left")
        return [
            f"{self.bantam.get('opset', '')}, {self.export.get('batch', 'as packaged')}",
            number(self.bantam.get("difference")), number(self.bantam.get("optimized_difference")),
            f"{count - missing}/{count}" if count else "",
            number(self.written.get("onnxruntime")), number(self.written.get("openvino")),
            "{0[1]}/{0[2]}".format(groups) if groups else "",
            f"{1 - left:.0%}" if left else "", self.removal,
        ]

    @property
    def removal(self):
        single = self.bantam.get("removal_difference_float32")
        text = number(self.bantam.get("removal_difference"))
        return f"{text} in float64, {number(single)} in float32" if single else text

    @property
    def reason(self):
        """Why it did not pass."""
        if not self.export:
            return "not exported yet"
        if not self.is_applicable:
            return "exporter: " + self.export.get("error", "")
        if not self.bantam:
            return "not tried yet"
        if self.bantam.get("error"):
            return self.bantam["error"]
        if not self.bantam["passed"]:
            gradients = self.bantam["missing_gradients"] + self.bantam["broken_gradients"]
            if not gradients and max(self.bantam["difference"], self.bantam["optimized_difference"]) <= 1e-4:
                culprit = self.bantam.get("removal_culprit")
                return f"removal differs by {self.bantam['removal_difference']:.0e}, first by {culprit}"
            own = self.export.get("torch_difference")
            yardstick = f"; PyTorch's own is {own:.0e}" if own else ""
            if gradients:
                return f"no gradients for {', '.join(gradients[:3])}"
            exact = "; from float64 {:.1e}, ONNX Runtime {:.1e}".format(*self.distances) if self.distances else ""
            return f"differs by {self.bantam['difference']:.1e}{exact}{yardstick}"
        if not self.written:
            return "the written model was not run"
        texts = [f"{key}: {value}" for key, value in self.written.items() if key != "passed"]
        return "round trip: " + "; ".join(texts)

    @property
    def line(self):
        state = "passed" if self.passed else "FAILED"
        opset, *values, trip, other, groups, less, removal = self.cells
        text = f"{state}: opset {opset}; differs by {values[0]}, optimized {values[1]}; gradients {values[2]}"
        text += f"; written: ONNX Runtime {trip}, OpenVINO {other}"
        text += f"; channels: {groups} groups prunable, {less} fewer parameters, removal {removal}"
        return text if self.passed else f"{text}: {self.reason}"


def outcome(folder):
    def read(name):
        path = folder / name
        return json.loads(path.read_text()) if path.exists() else {}

    return Outcome(read("export.json"), read("bantam.json"), read("round_trip.json"))


def escaped(text):
    return " ".join(text.split()).replace("|", "\\|")[:300]


def text(folders):
    """Markdown: the totals for each exporter, what failed and why, and all the rows.

    `folders` are triples of a model's name, who wrote it, and its folder.
    """
    outcomes = [(name, exporter, outcome(folder)) for name, exporter, folder in folders]
    lines = ["| written by | passed | all | the exporter fails | not tried |", "| --- | ---: | ---: | ---: | ---: |"]
    for exporter in dict.fromkeys(exporter for _, exporter, _ in outcomes):
        group = [result for _, name, result in outcomes if name == exporter]
        tried = [result for result in group if result.is_applicable and result.bantam]
        lines.append(
            f"| {exporter} | {sum(result.passed for result in tried)} | {len(tried)} "
            f"| {sum(bool(result.export) and not result.is_applicable for result in group)} "
            f"| {sum(not result.export or result.is_applicable and not result.bantam for result in group)} |")
    tried = [result for _, _, result in outcomes if result.is_applicable and result.bantam]
    passed = sum(result.passed for result in tried)
    lines += ["", f"passed / all: {passed} / {len(tried)}", ""]
    exact = sum(result.is_exact for result in tried if not result.passed)
    lines += [f"Of the others, {exact} are as near to the result in float64 as ONNX Runtime is, or nearer.", ""]
    lines += ["## What did not pass", ""]
    lines += ["| model | written by | why |", "| --- | --- | --- |"]
    lines += [
        f"| {name} | {exporter} | {escaped(result.reason)} |" for name, exporter, result in outcomes
        if not result.passed]
    lines += ["", "## What passed", ""]
    lines += [
        "| model | written by | opset, batch | as imported | after passes | gradients | rewritten: ONNX Runtime "
        "| rewritten: OpenVINO | groups prunable | parameters less | removal |",
        "| --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"]
    lines += [
        f"| {name} | {exporter} | {' | '.join(result.cells)} |" for name, exporter, result in outcomes if result.passed]
    return "\n".join(lines) + "\n"
