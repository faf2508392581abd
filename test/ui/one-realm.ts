// jsdom has a Uint8Array of its own, of which what Node makes is no instance.
globalThis.Uint8Array = Object.getPrototypeOf(Buffer.prototype).constructor;
