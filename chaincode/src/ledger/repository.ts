/** Records of one kind in world state: canonical JSON, checked when written and when read. */
import {
  decodeCanonical,
  encodeCanonical,
  fromUtf8,
  type Immutable,
  Reject,
  type Schema,
  type SchemaOutput,
  utf8,
} from '@procurement/protocol';
import type { KeyKind, KeyPart } from './keys';
import type { State } from './state';

/** One kind of record. */
export class Repository<Shape extends Schema<object>> {
  readonly #state: State;
  readonly #kind: KeyKind;
  readonly #schema: Shape;

  constructor(state: State, kind: KeyKind, schema: Shape) {
    this.#state = state;
    this.#kind = kind;
    this.#schema = schema;
  }

  /** The record under a key, or undefined. */
  async find(...parts: readonly KeyPart[]): Promise<Immutable<SchemaOutput<Shape>> | undefined> {
    const bytes = await this.#state.get({ kind: this.#kind, parts });
    return bytes === undefined ? undefined : this.#read(bytes);
  }

  /**
   * The record under a key.
   * @throws {Reject} NOT_FOUND
   */
  async get(...parts: readonly KeyPart[]): Promise<Immutable<SchemaOutput<Shape>>> {
    const record = await this.find(...parts);
    if (record === undefined) throw new Reject('NOT_FOUND', { kind: this.#kind, id: idOf(parts) });
    return record;
  }

  /**
   * Reads a key that must be free, so that a record can be put there.
   * @throws {Reject} EXISTS
   */
  async requireFree(...parts: readonly KeyPart[]): Promise<void> {
    if ((await this.#state.get({ kind: this.#kind, parts })) !== undefined) {
      throw new Reject('EXISTS', { kind: this.#kind, id: idOf(parts) });
    }
  }

  /** All records whose keys begin with these parts, in the order of their keys. */
  async list(...parts: readonly KeyPart[]): Promise<Immutable<SchemaOutput<Shape>>[]> {
    const values = await this.#state.list({ kind: this.#kind, parts });
    return values.map((bytes) => this.#read(bytes));
  }

  /**
   * Writes a record under a key that was read before.
   * @throws {ZodError} where the record is not of its schema, which is a defect of the rules
   */
  async put(record: Immutable<SchemaOutput<Shape>>, ...parts: readonly KeyPart[]): Promise<void> {
    const bytes = utf8(encodeCanonical(this.#schema.parse(record)));
    await this.#state.put({ kind: this.#kind, parts }, bytes);
  }

  #read(bytes: Uint8Array): Immutable<SchemaOutput<Shape>> {
    return this.#schema.parse(decodeCanonical(fromUtf8(bytes))) as Immutable<SchemaOutput<Shape>>;
  }
}

/** The last part names the record; what stands before it is where the record lies. */
function idOf(parts: readonly KeyPart[]): string {
  return String(parts.at(-1) ?? '');
}
