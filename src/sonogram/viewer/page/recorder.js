"use strict";(()=>{var r=class extends AudioWorkletProcessor{process([e]){return e[0]&&this.port.postMessage(e[0].slice()),!0}};registerProcessor("recorder",r);})();
