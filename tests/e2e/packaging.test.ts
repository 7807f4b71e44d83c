// packaging/ follows the product: whatever its alerts and its dashboard ask for, a server shows after a call. The grammar of PromQL and what
// an alert does are promtool's to check, which CI does not have (docs/operator.md, "Watching it").
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { binary, Boni } from "./support/boni.ts";
import { Bot } from "./support/bot.ts";
import { Customer } from "./support/customer.ts";
import { Phone } from "./support/phone.ts";

const text = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const alerts: any[] = parse(text("packaging/prometheus/alerts.yaml")).groups.flatMap((group: any) => group.rules);
const dashboard = JSON.parse(text("packaging/grafana/boni.json"));
const panels: any[] = dashboard.panels.filter((panel: any) => panel.type !== "row");

// What a call that goes well does not show: where it is registered, with which labels; and values of labels, where they are named.
const onlyInTrouble = new Map([
  ["boni_sip_guard_total", { file: "src/sip/link.cpp", labels: ["guard"] }],
  ["boni_sip_bans_total", { file: "src/sip/strangers.cpp", labels: [] }],
  ["boni_sip_strangers_ignored_total", { file: "src/sip/stack.cpp", labels: [] }],
]);
const valuesInTrouble = new Map([["cause", "src/sip/cause.hpp"]]);
const ofPrometheus = ["job", "instance"];   // labels that every target has

interface Asked { where: string; expr: string; shows: string }   // `shows`: text with labels of the result
const asked: Asked[] = [
  ...alerts.map((rule) => ({ where: rule.alert, expr: rule.expr, shows: JSON.stringify(rule.annotations).replaceAll(/\$labels\.(\w+)/g, "$1") })),
  ...panels.flatMap((panel) => panel.targets.map((target: any) => ({ where: panel.title, expr: target.expr, shows: target.legendFormat }))),
];

let boni: Boni, customer: Customer, bot: Bot;
beforeAll(async () => { [boni, customer, bot] = [await Boni.start(), await Customer.start(), await Bot.start(() => {})]; });
afterAll(async () => {
  bot.stop();
  expect(await boni.stop()).toBe(0);
  await customer.stop();
});

type Figures = Map<string, Map<string, Set<string>>>;   // name, label, values
async function scrape(): Promise<Figures> {
  const figures: Figures = new Map();
  for (const line of (await (await fetch(boni.ready.metrics)).text()).split("\n")) {
    const [, name, labels] = /^([a-z_]+)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (!name) continue;
    const known = figures.get(name) ?? figures.set(name, new Map()).get(name)!;
    for (const [, label, value] of (labels ?? "").matchAll(/(\w+)="([^"]*)"/g)) known.set(label!, (known.get(label!) ?? new Set()).add(value!));
  }
  return figures;
}

/** What is wrong with a question, given what the server shows. */
function faults({ where, expr, shows }: Asked, figures: Figures): string[] {
  const wrong: string[] = [];
  const labelsOf = (name: string) => [...ofPrometheus, ...(figures.get(name)?.keys() ?? onlyInTrouble.get(name)?.labels ?? [])];
  const selector = /\b((?:boni|process)_\w+|up)(?:\{([^}]*)\})?/g, grouping = /\bby \(([^)]*)\)(?= \()/g;
  const grouped = [...expr.matchAll(grouping)].flatMap(([, labels]) => labels!.split(", "));
  const carried: string[] = [];
  for (const [, name, matchers] of expr.matchAll(selector)) {
    if (name !== "up" && !figures.has(name!) && !onlyInTrouble.has(name!)) wrong.push(`nothing is called ${name}`);
    carried.push(...labelsOf(name!));
    for (const [, label, value] of (matchers ?? "").matchAll(/(\w+)=~?"([^"]*)"/g)) {
      if (!labelsOf(name!).includes(label!)) wrong.push(`${name} has no ${label}`);
      if (ofPrometheus.includes(label!)) continue;
      const source = valuesInTrouble.has(label!) ? text(valuesInTrouble.get(label!)!) : "";
      for (const one of value!.split("|"))
        if (!figures.get(name!)?.get(label!)?.has(one) && !source.includes(`"${one}"`)) wrong.push(`${label} of ${name} is never ${one}`);
    }
  }
  const shown = [...shows.matchAll(/\{\{ ?([a-z_]+) ?\}\}/g)].map(([, label]) => label!);
  wrong.push(...grouped.filter((label) => !carried.includes(label)).map((label) => `by (${label}), which nothing has`));
  const inResult = grouped.length ? grouped : carried;
  wrong.push(...shown.filter((label) => !inResult.includes(label)).map((label) => `shows {{${label}}}, which is not in the result`));
  const rest = expr.replaceAll(selector, "").replaceAll(grouping, "")
    .replaceAll(/\[(\d+m|\$__rate_interval)\]|\b(sum|max|rate|changes|absent|histogram_quantile|and|or)\b/g, "");
  if (!/^[\s\d.,()+\-*/<>=]*$/.test(rest) || rest.split("(").length !== rest.split(")").length) wrong.push(`reads oddly: ${rest}`);
  return wrong.map((one) => `${where}: ${one}`);
}

test("alerts and dashboard ask for names, labels and values that a server shows after a call", async () => {
  const url = customer.on("/events", () => ({ status: 204 }));
  expect((await boni.api("POST", "/webhook-endpoints", { url, events: ["call.completed"] })).status).toBe(201);
  const actions = [{ action: "stream_start", url: bot.url }, { action: "play", text: "Thank you for calling." }, { action: "hangup" }];
  await boni.route({ primary: { type: "control_webhook", url: customer.on("/call", () => ({ actions })) } });
  const phone = Phone.call(boni, boni.ready.numbers[0]!.phoneNumber, ["--expect", "answered,ended_by~platform"]);
  await phone.succeeds();
  await customer.received((request) => request.path === "/events");

  for (const [name, { file, labels }] of onlyInTrouble)
    for (const word of [name, ...labels]) expect(text(file), file).toContain(`"${word}"`);
  await expect.poll(async () => {
    const figures = await scrape();
    return asked.flatMap((one) => faults(one, figures));
  }, { timeout: 10_000 }).toEqual([]);
});

test("an alert says what it means and what to do, with commands and settings that there are", () => {
  expect(alerts).toHaveLength(8);
  const [guide, tested] = [text("docs/operator.md"), text("packaging/prometheus/alerts_test.yaml")];
  const example = execFileSync(binary, ["config", "example"]).toString();
  for (const { alert, labels, annotations, ...rule } of alerts) {
    expect(rule.for, alert).toMatch(/^\d+m$/);
    expect(["critical", "warning"], alert).toContain(labels.severity);
    expect(annotations.summary, alert).toMatch(/\w/);
    expect(guide.includes(`| \`${alert}\` | ${labels.severity} |`), `${alert} in the guide`).toBe(true);
    expect(tested.includes(alert), `${alert} in alerts_test.yaml`).toBe(true);
    const named = [...annotations.description.matchAll(/`([^`]+)`/g)].map(([, name]) => name as string);
    for (const [command] of named.flatMap((name) => [...name.matchAll(/^boni [a-z]+( [a-z]+)?(?= |$)/g)]))
      expect(execFileSync(binary, [...command.split(" ").slice(1), "--help"]).toString(), alert).toContain(`Usage: ${command} `);
    for (const name of named.filter((one) => /^[a-z]+\.[a-z_]+$/.test(one))) {
      const [section, key] = name.split(".");
      expect(example.split(`[${section}]`)[1]?.split("\n[")[0], `${alert}: ${name}`).toContain(`\n#${key} = `);
    }
  }
});

test("every panel of the dashboard has a description, a unit and its own place, in any Grafana", () => {
  expect(new Set(dashboard.panels.map((panel: any) => panel.id)).size).toBe(dashboard.panels.length);
  expect(new Set(dashboard.panels.map(({ gridPos }: any) => `${gridPos.x} ${gridPos.y}`)).size).toBe(dashboard.panels.length);
  for (const { title, description, datasource, fieldConfig, targets } of panels) {
    expect(description, title).toMatch(/\w/);
    expect(fieldConfig.defaults.unit, title).toMatch(/\w/);
    expect(datasource, title).toEqual({ type: "prometheus", uid: "${datasource}" });
    for (const { expr } of targets) expect(expr, title).toContain('instance=~"$instance"');
  }
});
