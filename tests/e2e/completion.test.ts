// `boni completion`: what the shell is offered, in the shells that are installed. Nothing that was typed may be run by asking.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { binary } from "./support/boni.ts";

const folder = mkdtempSync(join(tmpdir(), "boni-completion-"));
symlinkSync(binary, join(folder, "boni"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ran { code: number; out: string; err: string }
const run = (command: string, ...args: string[]) => new Promise<Ran>((done) =>
  execFile(command, args, { env: { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}` } }, (error, out, err) =>
    done({ code: error ? Number(error.code) : 0, out, err })));

/** What bash offers for the last of `words`. */
async function offered(...words: string[]): Promise<string[]> {
  const script = 'source <(boni completion bash); COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _boni; printf "%s\\n" "${COMPREPLY[@]}"';
  const { code, out, err } = await run("bash", "-c", script, "bash", ...words);
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out.split("\n").filter(Boolean);
}

test("bash is offered commands, subcommands and options", async () => {
  expect(await offered("boni", "te")).toEqual(["team", "tenant"]);
  expect(await offered("boni", "")).toEqual(expect.arrayContaining(["audit", "completion", "dev", "number-request", "whatsapp"]));
  expect(await offered("boni", "tenant", "r")).toEqual(["rotate-control-secret"]);
  expect(await offered("boni", "tenant", "create", "--l")).toContain("--limit");
  expect(await offered("boni", "tenant", "create", "acme", "--so")).toEqual(["--socket"]);
  expect(await offered("boni", "call", "+918040000001", "--dt")).toEqual(["--dtmf"]);
});

test("what is no command of ours offers nothing", async () => {
  expect(await offered("boni", "nope", "--")).toEqual([]);
  expect(await offered("boni", "--version", "")).toEqual([]);
});

test("the scripts of all three shells know every command, another shell is a mistake", async () => {
  for (const shell of ["bash", "zsh", "fish"]) expect((await run("boni", "completion", shell)).out, shell).toMatch(/_boni_commands[ =]'audit .* whatsapp'/);
  expect(await run("boni", "completion", "csh")).toMatchObject({ code: 2, out: "" });
  expect(await run("boni", "completion")).toMatchObject({ code: 2, out: "" });
});
