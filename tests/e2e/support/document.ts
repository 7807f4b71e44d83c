// openapi.yaml as the server gives it, and whether what the server sends fits it: answers, and requests of its own (`webhooks`).
import { Ajv2020 } from "ajv/dist/2020.js";
import type { ValidateFunction } from "ajv";
import formats from "ajv-formats";

/** Of HTTP, and of Prism where it stands between: not the document's. */
const plain = new Set(["date", "content-type", "content-length", "connection", "keep-alive", "transfer-encoding", "cache-control", "vary", "sl-violations"]);

export interface Operation { id: string; method: string; path: string; statuses: string[] }

export class Document {
  private readonly ajv = new Ajv2020({ strict: false, allErrors: true });
  private readonly compiled = new Map<string, ValidateFunction>();
  private constructor(readonly json: any) {
    (formats as any)(this.ajv);
    this.ajv.addSchema({ $id: "boni:document", ...json }, undefined, undefined, false);
  }

  /** `api`: the address of the API, ending in /v1. */
  static async of(api: string): Promise<Document> {
    return new Document(await (await fetch(api.replace(/\/v1$/, "/openapi.json"))).json());
  }

  get operations(): Operation[] {
    return Object.entries<any>(this.json.paths).flatMap(([path, item]) => Object.entries<any>(item).map(([method, operation]) =>
      ({ id: operation.operationId, method: method.toUpperCase(), path, statuses: Object.keys(operation.responses) })));
  }
  get eventTypes(): string[] { return this.json.components.schemas.EventType.enum; }

  /** What is wrong with a request of ours as the webhook `name`: body, headers, and fields the document does not tell. */
  faultsOfRequest(name: string, request: { headers: Record<string, any>; body: any }): string[] {
    const operation = this.json.webhooks[name].post;
    return [
      ...this.faultsOfBody(name, request.body),
      ...operation.parameters.map((ref: any) => this.resolved(ref)).flatMap((parameter: any) => {
        const value = request.headers[parameter.name.toLowerCase()];
        if (value === undefined) return parameter.required ? [`${parameter.name} is missing`] : [];
        return this.faults(parameter.schema, parameter.schema.type === "integer" ? Number(value) : value).map((fault) => `${parameter.name} ${fault}`);
      }),
    ];
  }
  /** The same of its body alone. */
  faultsOfBody(name: string, body: any): string[] {
    const { schema } = this.json.webhooks[name].post.requestBody.content["application/json"];
    return [...this.faultsAt(`/webhooks/${name}/post/requestBody/content/application~1json/schema`, body), ...untold(body, this.told(schema), "body")];
  }
  faultsOfDecision(decision: unknown): string[] { return this.faultsAt("/components/schemas/ControlDecision", decision); }

  /** What is wrong with an answer of the API: a status, a header, a body or a field that the document does not tell. `path` is below /v1. */
  faultsOfAnswer(method: string, path: string, answer: { status: number; headers: Headers; body: any }): string[] {
    const asked = path.split("?")[0]!.split("/");
    const template = Object.keys(this.json.paths).find((one) => {
      const parts = one.split("/");
      return parts.length === asked.length && parts.every((part, index) => part.startsWith("{") ? asked[index] !== "" : part === asked[index]);
    });
    const operation = template && this.json.paths[template][method.toLowerCase()];
    if (!operation) return [];                       // 404 or 405, as the test may say
    const response = this.resolved(operation.responses[answer.status] ?? {});
    const named = `${operation.operationId} ${answer.status}`;
    if (!operation.responses[answer.status]) return [`${named} is not in the document`];
    const beside = this.faultsOfHeaders(response.headers ?? {}, answer.headers).map((fault) => `${named}: ${fault}`);
    const token = answer.status < 400 ? undefined : answer.body?.error;
    if (token && !response.description.includes(`\`${token}\``)) beside.push(`${named}: ${token} is not in the document`);
    if (!response.content) return answer.body === undefined ? beside : [`${named} has a body`, ...beside];
    const { schema } = response.content["application/json"];
    const at = operation.responses[answer.status].$ref?.slice(1) ?? `/paths/${template.replaceAll("/", "~1")}/${method.toLowerCase()}/responses/${answer.status}`;
    return [...beside, ...[...this.faultsAt(`${at}/content/application~1json/schema`, answer.body), ...untold(answer.body, this.told(schema), "body")].map((fault) => `${named}: ${fault}`)];
  }

  /** The entries of a page for which no `limit` was asked. */
  pageSize(id: string): number {
    const parameters = this.json.paths[this.operations.find((one) => one.id === id)!.path].get.parameters.map((ref: any) => this.resolved(ref));
    return parameters.find((one: any) => one.name === "limit").schema.default;
  }

  private faultsOfHeaders(told: Record<string, any>, answered: Headers): string[] {
    const names = Object.keys(told).map((name) => name.toLowerCase());
    return [
      ...Object.entries(told).filter(([name, ref]) => this.resolved(ref).required && !answered.has(name)).map(([name]) => `${name} is missing`),
      ...[...answered.keys()].filter((name) => !plain.has(name) && !names.includes(name)).map((name) => `the header ${name} is not in the document`),
    ];
  }

  /** By the schema at that place in the document. */
  private faultsAt(place: string, value: unknown): string[] {
    const known = this.compiled.get(place) ?? this.ajv.compile({ $ref: `boni:document#${encodeURI(place)}` });
    this.compiled.set(place, known);
    return this.complaints(known, value);
  }
  private faults(schema: object, value: unknown): string[] { return this.complaints(this.ajv.compile(schema), value); }
  private complaints(fits: ValidateFunction, value: unknown): string[] {
    return fits(value) ? [] : fits.errors!.map((error) => `${error.instancePath} ${error.message}`);
  }
  private resolved(node: any): any {
    if (!node.$ref) return node;
    return node.$ref.split("/").slice(1).reduce((at: any, key: string) => at[key.replaceAll("~1", "/")], this.json);
  }

  /** Every field a schema tells, over all its parts; open: it tells none and takes any. */
  private told(schema: any): Told {
    const parts = [this.resolved(schema), ...["allOf", "anyOf", "oneOf"].flatMap((word) => this.resolved(schema)[word] ?? []).map((part: any) => this.resolved(part))];
    const fields = new Map<string, any[]>();
    let open = false, items: any[] = [];
    for (const part of parts) {
      if (part.additionalProperties) open = true;
      if (part.items) items.push(part.items);
      for (const [name, field] of Object.entries(part.properties ?? {})) fields.set(name, [...(fields.get(name) ?? []), field]);
      if (part !== parts[0]) for (const word of ["allOf", "anyOf", "oneOf"]) parts.push(...(part[word] ?? []).map((one: any) => this.resolved(one)));
    }
    return { open: open && fields.size === 0, of: (name) => fields.has(name) ? this.told({ allOf: fields.get(name) }) : undefined, items: () => items.length ? this.told({ allOf: items }) : undefined };
  }
}

interface Told { open: boolean; of(name: string): Told | undefined; items(): Told | undefined }

function* untold(value: any, told: Told | undefined, at: string): Generator<string> {
  if (!told || told.open || value === null || typeof value !== "object") return;
  if (Array.isArray(value)) return yield* value.flatMap((one, index) => [...untold(one, told.items(), `${at}[${index}]`)]);
  for (const [name, field] of Object.entries(value)) {
    const known = told.of(name);
    if (known) yield* untold(field, known, `${at}.${name}`);
    else yield `${at}.${name} is not in the document`;
  }
}
