import { common, msp } from '@hyperledger/fabric-protos';

/** A policy text that does not parse; the message says where. */
export class PolicySyntaxError extends Error {
  override readonly name = 'PolicySyntaxError';
}

interface Principal {
  readonly principal: string;
}

interface Gate {
  readonly n: number;
  readonly nodes: readonly Node[];
}

type Node = Principal | Gate;

const roles: Readonly<
  Record<string, msp.MSPRole.MSPRoleTypeMap[keyof msp.MSPRole.MSPRoleTypeMap]>
> = {
  member: msp.MSPRole.MSPRoleType.MEMBER,
  admin: msp.MSPRole.MSPRoleType.ADMIN,
  client: msp.MSPRole.MSPRoleType.CLIENT,
  peer: msp.MSPRole.MSPRoleType.PEER,
  orderer: msp.MSPRole.MSPRoleType.ORDERER,
};

/**
 * Parses the policy language of the Fabric tools: `AND`, `OR` and `OutOf(n, …)` (each also in
 * lower case, or with a capital) over quoted principals `MSPID.role`.
 * @param text such as `AND('A.peer', OutOf(1, 'B.member', 'C.admin'))`
 * @returns principals numbered as Fabric numbers them: those of inner gates before those of the
 *   gate around them (common/policydsl/policyparser.go:FromString)
 * @throws PolicySyntaxError
 */
export function parsePolicy(text: string): common.SignaturePolicyEnvelope {
  const parser = new Parser(text);
  const node = parser.gate();
  parser.end();
  const envelope = new common.SignaturePolicyEnvelope();
  const principals: msp.MSPPrincipal[] = [];
  envelope.setVersion(0);
  envelope.setRule(compile(node, principals));
  envelope.setIdentitiesList(principals);
  return envelope;
}

/** The MSP ids that a policy text names, each once. @throws PolicySyntaxError */
export function mspIdsOf(text: string): readonly string[] {
  const roleBytes = parsePolicy(text)
    .getIdentitiesList()
    .map((one) => msp.MSPRole.deserializeBinary(one.getPrincipal_asU8()));
  return [...new Set(roleBytes.map((role) => role.getMspIdentifier()))];
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  gate(): Node {
    const name = this.#take(/[A-Za-z]+/y) ?? this.#fail('a gate');
    this.#expect('(');
    if (/^(OutOf|outof|OUTOF)$/.test(name)) return this.#outOf();
    const nodes = this.#arguments([]);
    if (/^(And|and|AND)$/.test(name)) return { n: nodes.length, nodes };
    if (/^(Or|or|OR)$/.test(name)) return { n: 1, nodes };
    throw new PolicySyntaxError(`policy "${this.#text}": unknown gate ${name}`);
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) this.#fail('the end');
  }

  #outOf(): Node {
    const count = this.#take(/'(\d+)'|"(\d+)"|\d+/y) ?? this.#fail('a number');
    const n = Number(count.replace(/['"]/g, ''));
    this.#expect(',');
    const nodes = this.#arguments([]);
    // Fabric lets n exceed the number of rules by one: a policy that nobody can satisfy.
    if (n > nodes.length + 1) this.#fail(`at most ${String(nodes.length + 1)} required rules`);
    return { n, nodes };
  }

  #arguments(before: readonly Node[]): readonly Node[] {
    const nodes = [...before, this.#argument()];
    if (this.#take(/,/y) !== undefined) return this.#arguments(nodes);
    this.#expect(')');
    return nodes;
  }

  #argument(): Node {
    const quoted = this.#take(/'[^']*'|"[^"]*"/y);
    return quoted === undefined ? this.gate() : { principal: quoted.slice(1, -1) };
  }

  #expect(character: '(' | ')' | ','): void {
    const pattern = { '(': /\(/y, ')': /\)/y, ',': /,/y }[character];
    if (this.#take(pattern) === undefined) this.#fail(`"${character}"`);
  }

  #take(pattern: RegExp): string | undefined {
    this.#skipSpace();
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text.charAt(this.#at))) this.#at++;
  }

  #fail(expected: string): never {
    const place = `at character ${String(this.#at + 1)}`;
    throw new PolicySyntaxError(`policy "${this.#text}": expected ${expected} ${place}`);
  }
}

function compile(node: Node, principals: msp.MSPPrincipal[]): common.SignaturePolicy {
  const rule = new common.SignaturePolicy();
  if ('principal' in node) {
    principals.push(principalOf(node.principal));
    rule.setSignedBy(principals.length - 1);
    return rule;
  }
  const gates = new Map<Node, common.SignaturePolicy>(
    node.nodes.filter(isGate).map((one) => [one, compile(one, principals)]),
  );
  const gate = new common.SignaturePolicy.NOutOf();
  gate.setN(node.n);
  gate.setRulesList(node.nodes.map((one) => gates.get(one) ?? compile(one, principals)));
  rule.setNOutOf(gate);
  return rule;
}

function isGate(node: Node): node is Gate {
  return 'n' in node;
}

function principalOf(text: string): msp.MSPPrincipal {
  const [, mspId, roleName = ''] = /^([A-Za-z0-9.-]+)\.([a-z]+)$/.exec(text) ?? [];
  const type = roles[roleName];
  if (mspId === undefined || type === undefined) {
    throw new PolicySyntaxError(
      `principal "${text}" is not MSPID.role with role member, admin, client, peer or orderer`,
    );
  }
  const role = new msp.MSPRole();
  role.setMspIdentifier(mspId);
  role.setRole(type);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(role.serializeBinary());
  return principal;
}
