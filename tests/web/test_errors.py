"""The errors of the JavaScript package name what is wrong and what to do."""

from __future__ import annotations

import base64
import json
import subprocess

import sonogram as sg
from sonogram.web import built, to_web

from .test_engine import NODE, module, needs_node

MONO = "samples must be one Float32Array; got {}. Use Float32Array.from(numbers), or one channel at a time"
FOUR = "samples must be an array of 4 Float32Arrays of one length, one for each channel; got {}"
RATES = "cannot resample from {} to {} Hz: the rates must be whole numbers, at most 256 times apart"
FINISHED = "this stream is finished; make a new one for the next clip"
CALLS = {
    "mono.features([one, one])": MONO.format("an array of 2"),
    "mono.features([0, 0.5])": MONO.format("an array of 2"),
    "mono.features('sound.wav')": MONO.format("String"),
    "mono.stream().push([one])": MONO.format("an array of 1"),
    "micro.features(undefined)": MONO.format("undefined"),
    "four.features(one)": FOUR.format("one Float32Array"),
    "four.features([one, one, one])": FOUR.format("an array of 3"),
    "four.features([one, one, one, two])": FOUR.format("lengths 1, 1, 1, 2"),
    "four.stream()": "this definition needs the whole clip and cannot be streamed; use features()",
    "finished(mono.stream())": FINISHED,
    "finished(micro.stream())": FINISHED,
    "engine.resample([0, 0.5], 48000, 16000)": MONO.format("an array of 2"),
    "engine.resample(new Int16Array(2), 48000, 16000)": MONO.format("Int16Array"),
    "engine.resample(one, 44100.5, 16000)": RATES.format("44100.5", "16000"),
    "engine.resample(one, NaN, 16000)": RATES.format("NaN", "16000"),
    "engine.resample(one, 48000, 0)": RATES.format("48000", "0"),
    "trimAndNormalize([0, 1], { sampleRate: 16000 })": MONO.format("an array of 2"),
    "trimAndNormalize(one)": "options must have a sampleRate in hertz; got undefined",
    "freed(mono).features(new Float32Array(16000))": "this front end was freed; make a new one",
    "engine.frontend({})": "not a definition of the Python package: write it with "
    "`sonogram export-frontend NAME --target web`",
    "engine.frontend({ ...mono.definition, version: 1 })": "the definition has version 1, the engine 5; "
    "write it with the version of sonogram that the engine comes from",
}


@needs_node
def test_each_mistake_has_a_message_of_its_own() -> None:
    definitions = [to_web(sg.preset(name)) for name in ("yamnet", "seld-foa", "micro-speech")]
    tries = ",\n".join(f"[{json.dumps(call)}, () => {call}]" for call in CALLS)
    program = f"""
        import {{ readFileSync }} from "node:fs";
        import {{ Engine, trimAndNormalize }} from "{module(built("sonogram.js"))}";
        const {{ wasm, definitions }} = JSON.parse(readFileSync(0));
        const engine = await Engine.load(Buffer.from(wasm, "base64"));
        const [mono, four, micro] = definitions.map((each) => engine.frontend(each));
        const [one, two] = [new Float32Array(1), new Float32Array(2)];
        const finished = (stream) => [stream.finish(), stream.push(one)];
        const freed = ({{ definition }}) => {{
            const frontend = engine.frontend(definition);
            frontend.free();
            frontend.free();
            return frontend;
        }};
        const messageOf = (call) => {{
            try {{ call(); }} catch (error) {{ return error.message; }}
        }};
        const messages = [{tries}].map(([name, call]) => [name, messageOf(call)]);
        console.log(JSON.stringify(Object.fromEntries(messages)));
    """
    command = [NODE or "", "--input-type=module", "--eval", program]
    wasm = base64.b64encode(built("engine.wasm")).decode()
    given = json.dumps({"wasm": wasm, "definitions": definitions})
    ran = subprocess.run(command, input=given, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout) == CALLS
