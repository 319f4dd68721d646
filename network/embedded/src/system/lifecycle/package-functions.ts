import { peer } from '@hyperledger/fabric-protos';
import { decodeArgument } from './decode-argument';
import type { InstalledPackage, PackageStore } from './package-store';

const { lifecycle } = peer;

/** A chaincode that a channel runs from a package. */
export interface PackageUse {
  readonly packageId: string;
  readonly channel: string;
  readonly name: string;
  readonly version: string;
}

/** What the functions about packages work on. */
export interface PackageContext {
  readonly packages: PackageStore;
  /** What the peer's channels run. */
  readonly uses: () => Promise<readonly PackageUse[]>;
}

type PackageFunction = (
  argument: Uint8Array,
  context: PackageContext,
) => Uint8Array | Promise<Uint8Array>;

/** The functions of `_lifecycle` that concern the peer alone. */
export const packageFunctions: Readonly<Record<string, PackageFunction>> = {
  InstallChaincode: install,
  QueryInstalledChaincode: queryInstalledOne,
  QueryInstalledChaincodes: queryInstalled,
  GetInstalledChaincodePackage: getPackage,
};

async function install(argument: Uint8Array, { packages }: PackageContext): Promise<Uint8Array> {
  const args = decodeArgument(lifecycle.InstallChaincodeArgs, 'InstallChaincode', argument);
  const installed = await packages.install(args.getChaincodeInstallPackage_asU8());
  const result = new lifecycle.InstallChaincodeResult();
  result.setPackageId(installed.packageId);
  result.setLabel(installed.label);
  return result.serializeBinary();
}

async function queryInstalledOne(
  argument: Uint8Array,
  context: PackageContext,
): Promise<Uint8Array> {
  const args = decodeArgument(
    lifecycle.QueryInstalledChaincodeArgs,
    'QueryInstalledChaincode',
    argument,
  );
  const packageId = args.getPackageId();
  const found = context.packages.find(packageId);
  if (!found) throw new Error(`could not find chaincode with package id '${packageId}'`);
  const result = new lifecycle.QueryInstalledChaincodeResult();
  result.setPackageId(packageId);
  result.setLabel(found.label);
  const uses = (await context.uses()).filter((use) => use.packageId === packageId);
  fillReferences(result.getReferencesMap(), uses, {
    References: lifecycle.QueryInstalledChaincodeResult.References,
    Chaincode: lifecycle.QueryInstalledChaincodeResult.Chaincode,
  });
  return result.serializeBinary();
}

async function queryInstalled(_argument: Uint8Array, context: PackageContext): Promise<Uint8Array> {
  const uses = await context.uses();
  const result = new lifecycle.QueryInstalledChaincodesResult();
  for (const one of context.packages.list()) {
    result.addInstalledChaincodes(installedItem(one, uses));
  }
  return result.serializeBinary();
}

function installedItem(
  { packageId, label }: InstalledPackage,
  uses: readonly PackageUse[],
): peer.lifecycle.QueryInstalledChaincodesResult.InstalledChaincode {
  const item = new lifecycle.QueryInstalledChaincodesResult.InstalledChaincode();
  item.setPackageId(packageId);
  item.setLabel(label);
  const own = uses.filter((use) => use.packageId === packageId);
  fillReferences(item.getReferencesMap(), own, {
    References: lifecycle.QueryInstalledChaincodesResult.References,
    Chaincode: lifecycle.QueryInstalledChaincodesResult.Chaincode,
  });
  return item;
}

/** The messages of one result that tell where a package is used; two results have the same. */
interface ReferenceTypes<References, Chaincode> {
  readonly References: new () => References & { addChaincodes(value: Chaincode): unknown };
  readonly Chaincode: new () => Chaincode & {
    setName(value: string): void;
    setVersion(value: string): void;
  };
}

function fillReferences<References, Chaincode>(
  byChannel: {
    set(key: string, value: References): unknown;
  },
  uses: readonly PackageUse[],
  types: ReferenceTypes<References, Chaincode>,
): void {
  for (const channel of new Set(uses.map((use) => use.channel))) {
    const listed = new types.References();
    for (const { name, version } of uses.filter((use) => use.channel === channel)) {
      const used = new types.Chaincode();
      used.setName(name);
      used.setVersion(version);
      listed.addChaincodes(used);
    }
    byChannel.set(channel, listed);
  }
}

async function getPackage(argument: Uint8Array, { packages }: PackageContext): Promise<Uint8Array> {
  const args = decodeArgument(
    lifecycle.GetInstalledChaincodePackageArgs,
    'GetInstalledChaincodePackage',
    argument,
  );
  const result = new lifecycle.GetInstalledChaincodePackageResult();
  result.setChaincodeInstallPackage(await packages.load(args.getPackageId()));
  return result.serializeBinary();
}
