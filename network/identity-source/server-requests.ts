import { nodeRoles } from '../certificates/msp-folder';
import { IdentitySourceError } from './identity-source';
import type { Registration } from './identity-source';

/**
 * The certificate request in the body of an enrolment (api/net.go:EnrollmentRequestNet).
 * @returns PEM
 * @throws IdentitySourceError malformed
 */
export function readEnrolment(body: string): string {
  return textOf(parse(body), 'certificate_request');
}

/**
 * The body of a registration (api/client.go:RegistrationRequest).
 * @throws IdentitySourceError malformed
 */
export function readRegistration(body: string): Registration {
  const fields = parse(body);
  const { secret, max_enrollments: most, attrs, type } = fields;
  const role = nodeRoles.find((one) => one === (type ?? 'client'));
  if (!role) throw malformed(`type is none of ${nodeRoles.join(', ')}`);
  return {
    name: textOf(fields, 'id'),
    type: role,
    attributes: attributesOf(attrs),
    ...(typeof secret === 'string' && secret !== '' && { secret }),
    ...(typeof most === 'number' && most > 0 && { maxEnrolments: most }),
  };
}

/**
 * The body of a revocation (api/client.go:RevocationRequest).
 * @throws IdentitySourceError malformed
 */
export function readRevocation(body: string): {
  target: { readonly name: string } | { readonly serial: string };
  wantsList: boolean;
} {
  const fields = parse(body);
  const wantsList = fields['gencrl'] === true;
  const { serial, id } = fields;
  if (typeof serial === 'string' && serial !== '') {
    const plain = serial.toLowerCase().replaceAll(':', '').replace(/^0+/, '');
    return { target: { serial: plain }, wantsList };
  }
  if (typeof id === 'string' && id !== '') return { target: { name: id }, wantsList };
  throw malformed('a revocation needs id or serial');
}

/** Attributes that are meant for certificates; the embedded CA keeps no others. */
function attributesOf(attributes: unknown): Record<string, string> {
  if (attributes === undefined || attributes === null) return {};
  if (!Array.isArray(attributes)) throw malformed('attrs is no list');
  const listed = attributes.map((one: unknown) => {
    const fields = fieldsOf(one);
    return [textOf(fields, 'name'), textOf(fields, 'value'), fields['ecert'] === true] as const;
  });
  return Object.fromEntries(
    listed.flatMap(([name, value, isShown]) => (isShown ? [[name, value]] : [])),
  );
}

function parse(body: string): Readonly<Record<string, unknown>> {
  try {
    return fieldsOf(JSON.parse(body));
  } catch {
    throw malformed('it is no JSON object');
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw malformed('an object is missing');
}

function textOf(fields: Readonly<Record<string, unknown>>, name: string): string {
  const value = fields[name];
  if (typeof value === 'string') return value;
  throw malformed(`${name} is missing`);
}

function malformed(fault: string): IdentitySourceError {
  return new IdentitySourceError('malformed', `the request body: ${fault}`);
}
