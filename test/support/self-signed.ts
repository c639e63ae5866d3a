import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/** A key pair with a self-signed certificate, made for one test run: no key lies in the repository. */
export interface TestSigner {
  privateKey: KeyObject;
  /** PEM. */
  certificate: string;
}

export function createSigner(
  validity: { from: Date; to: Date } = { from: new Date("2020-01-01"), to: new Date("2049-12-31") },
): TestSigner {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { privateKey, certificate: selfSigned(privateKey, publicKey, validity) };
}

/** X.509 v3 (RFC 5280) with as little as it needs, in DER. */
function selfSigned(privateKey: KeyObject, publicKey: KeyObject, { from, to }: { from: Date; to: Date }): string {
  const name = sequence(
    set(sequence(der(0x06, Buffer.from([0x55, 0x04, 0x03])), der(0x0c, Buffer.from("sns.amazonaws.com")))),
  );
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.from([1]));
  const validity = sequence(time(from), time(to));
  const key = publicKey.export({ type: "spki", format: "der" });
  const body = sequence(version, serial, SHA256_RSA, name, validity, name, key);
  const signature = der(0x03, Buffer.concat([Buffer.from([0]), sign("RSA-SHA256", body, privateKey)]));
  const base64 = sequence(body, SHA256_RSA, signature).toString("base64");
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`;
}

const SHA256_RSA = sequence(der(0x06, Buffer.from("2a864886f70d01010b", "hex")), der(0x05, Buffer.alloc(0)));

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function set(...parts: Buffer[]): Buffer {
  return der(0x31, Buffer.concat(parts));
}

/** UTCTime: two digits of the year. */
function time(instant: Date): Buffer {
  return der(0x17, Buffer.from(`${instant.toISOString().slice(2, 19).replace(/\D/g, "")}Z`));
}

function der(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
