import { describe, expect, test } from '@jest/globals';
import { COMMANDS, isCommandName } from './commands';
import { QUERIES, isQueryName } from './queries';
import { ORGANIZATIONS, ROLES, TRANSACTIONS, allowedPhases, isRoleOf } from './roles';

describe('the table of rights', () => {
  test('names exactly the commands and the queries', () => {
    expect([...TRANSACTIONS].sort()).toEqual(
      [...Object.keys(COMMANDS), ...Object.keys(QUERIES)].sort(),
    );
    expect(TRANSACTIONS.every((name) => isCommandName(name) !== isQueryName(name))).toBe(true);
  });

  test('gives a role nothing in an organisation whose role it is not', () => {
    const strangers = ORGANIZATIONS.flatMap((mspId) =>
      ROLES.map((role) => ({ mspId, role })),
    ).filter((caller) => !isRoleOf(caller));
    expect(strangers).toHaveLength(6);
    for (const caller of strangers) {
      expect(TRANSACTIONS.flatMap((name) => allowedPhases(caller, name))).toEqual([]);
    }
  });

  test.each(['', 'admin', 'toString', '__proto__'])('gives the role %j nothing', (role) => {
    expect(isRoleOf({ mspId: 'MinistryMSP', role })).toBe(false);
  });

  test('gives a gateway no command but those that register its store and close what is due', () => {
    const commands = TRANSACTIONS.filter(isCommandName);
    const caller = { mspId: 'AuditorMSP', role: 'gateway' };
    const allowed = commands.filter((name) => allowedPhases(caller, name).length > 0);
    expect(allowed).toEqual(['store:register', 'tender:close']);
  });

  test('shows a vendor the list after the opening, a seat holder after the close', () => {
    expect(allowedPhases({ mspId: 'VendorMSP', role: 'vendor' }, 'opening:list')[0]).toBe('opened');
    expect(allowedPhases({ mspId: 'VendorMSP', role: 'committee' }, 'opening:list')[0]).toBe(
      'closed',
    );
  });
});
