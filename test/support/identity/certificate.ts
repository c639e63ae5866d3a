import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from "node:crypto";

/*
 * A self-signed certificate for 127.0.0.1 and localhost, made in the test: a key in a file would be found by every scanner of secrets.
 * X.509 v3 in DER, as far as one certificate needs it.
 */

export interface Certificate {
  /** PEM; also the authority that a client has to trust. */
  cert: string;
  /** PEM, PKCS #8. */
  key: string;
}

export function createCertificate(): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "der" },
  });
  const body = certificateBody(publicKey);
  const der = sequence(body, ECDSA_SHA256, bitString(signature(body, createPrivateKey(privateKey))));
  const lines = (der.toString("base64").match(/.{1,64}/g) ?? []).join("\n");
  return { cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`, key: privateKey };
}

function signature(body: Buffer, key: KeyObject): Buffer {
  return sign("sha256", body, key);
}

function certificateBody(publicKey: Buffer): Buffer {
  const name = sequence(set(sequence(oid(0x55, 0x04, 0x03), der(0x0c, Buffer.from("localhost")))));
  const validity = sequence(time("20200101000000Z"), time("20991231235959Z"));
  const names = sequence(der(0x82, Buffer.from("localhost")), der(0x87, Buffer.from([127, 0, 0, 1])));
  const extensions = sequence(
    sequence(oid(0x55, 0x1d, 0x11), octets(names)),
    sequence(oid(0x55, 0x1d, 0x13), der(0x01, Buffer.from([0xff])), octets(sequence(der(0x01, Buffer.from([0xff]))))),
  );
  const version = der(0xa0, der(0x02, Buffer.from([2])));
  const serial = der(0x02, Buffer.from([1]));
  return sequence(version, serial, ECDSA_SHA256, name, validity, name, publicKey, der(0xa3, extensions));
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, ...parts);
}

function set(...parts: Buffer[]): Buffer {
  return der(0x31, ...parts);
}

function oid(...bytes: number[]): Buffer {
  return der(0x06, Buffer.from(bytes));
}

function octets(content: Buffer): Buffer {
  return der(0x04, content);
}

function bitString(content: Buffer): Buffer {
  return der(0x03, Buffer.from([0]), content);
}

function time(text: string): Buffer {
  return der(0x18, Buffer.from(text));
}

const ECDSA_SHA256 = sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
