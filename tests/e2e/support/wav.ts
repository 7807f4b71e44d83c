// A recording as a customer downloads it: its head, and how loud a tone is in one of its channels.
import { expect } from "vitest";

export class Wav {
  readonly channels: number;
  readonly seconds: number;
  private readonly samples: Int16Array;
  constructor(bytes: Buffer) {
    expect(bytes.toString("latin1", 0, 4) + bytes.toString("latin1", 8, 16)).toBe("RIFFWAVEfmt ");
    expect(bytes.readUInt32LE(24)).toBe(8000);
    expect(bytes.readUInt16LE(34)).toBe(16);
    expect(bytes.readUInt32LE(40)).toBe(bytes.length - 44);
    this.channels = bytes.readUInt16LE(22);
    this.samples = new Int16Array(bytes.buffer.slice(bytes.byteOffset + 44, bytes.byteOffset + bytes.length));
    this.seconds = this.samples.length / this.channels / 8000;
  }

  /** Seconds of `channel` in which the tone is most of what is heard (Goertzel over 20 ms, louder than 300). */
  tone(hz: number, channel = 0): number {
    const frame = 160, turn = 2 * Math.cos((2 * Math.PI * hz) / 8000);
    let found = 0;
    for (let at = 0; (at + frame) * this.channels <= this.samples.length; at += frame) {
      let before = 0, last = 0, energy = 0;
      for (let i = at; i < at + frame; ++i) {
        const sample = this.samples[i * this.channels + channel]!;
        energy += sample * sample;
        [before, last] = [last, sample + turn * last - before];
      }
      const power = (2 * (before * before + last * last - turn * before * last)) / frame;
      if (energy > frame * 300 * 300 && power > energy * 0.4) ++found;
    }
    return found * 0.02;
  }
}
