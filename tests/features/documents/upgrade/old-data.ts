import * as Y from "yjs";
import { apiKey } from "../../../support/tokens.ts";
import type { Opened } from "../../../upgrade/old-data.ts";
import { type ExpectedDocument, differenceOf } from "./content.ts";
import { type DocumentMember, openDocumentMember, presentClient } from "./member.ts";

/** Opens documents on a server that has a fixture's data. @param opened is where the members are listed. */
export function memberOf({ tokenOf }: Pick<Opened, "tokenOf">, opened: DocumentMember[]) {
  return async (url: string, documentId: string): Promise<DocumentMember> => {
    const token = await tokenOf("member");
    const member = await openDocumentMember(presentClient, url, documentId, { token });
    opened.push(member);
    return member;
  };
}

/** Asks as a backend; 404 for a document that holds nothing. */
export function fetchDocument(url: string, documentId: string): Promise<Response> {
  return fetch(`${url}/api/documents/${documentId}`, { headers: { authorization: `Bearer ${apiKey}` } });
}

/** A document as the server has it. */
export async function readDocument(url: string, documentId: string): Promise<Y.Doc> {
  const response = await fetchDocument(url, documentId);
  if (!response.ok) throw new Error(`${documentId} is answered with ${response.status}`);
  const doc = new Y.Doc();
  Y.applyUpdate(doc, new Uint8Array(await response.arrayBuffer()));
  return doc;
}

/** What is wrong with documents on a server, by their names. */
export async function wrongDocuments(
  url: string,
  documents: Record<string, ExpectedDocument>,
): Promise<Record<string, string>> {
  const differences = Object.entries(documents).map(async ([id, expected]): Promise<[string, string][]> => {
    const difference = await readDocument(url, id).then((doc) => differenceOf(doc, expected), String);
    return difference === undefined ? [] : [[id, difference]];
  });
  return Object.fromEntries((await Promise.all(differences)).flat());
}
