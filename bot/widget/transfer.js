/** Files over HTTP: sent before their message, fetched to be shown. The token travels in a header, never in an address. */
const PATH = "/chat/attachments/";

/**
 * Sends a file; `onProgress` is told how much of it left, from 0 to 1. Returns what the server made of it,
 * `{id, name, type, size_bytes, width, height}`. Throws `{code, detail}` when it is refused or the line breaks;
 * `AbortSignal` gives it up.
 */
export function upload(server, token, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    // `fetch` cannot tell how much it has sent.
    const request = new XMLHttpRequest();
    const fail = () => reject({ code: "upload_failed" });
    request.open("POST", server + PATH);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("File-Name", encodeURIComponent((file.name ?? "").toWellFormed()));
    request.responseType = "json";
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onerror = request.ontimeout = request.onabort = fail;
    request.onload = () => {
      if (request.status === 201 && request.response) resolve(request.response);
      else if (request.response?.code) reject(request.response);
      else fail();
    };
    signal.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

/** The content of a file, as a Blob of the type that the server says it is. */
export async function download(server, token, id) {
  const response = await fetch(server + PATH + encodeURIComponent(id), {
    headers: { Authorization: `Bearer ${token}` },
    credentials: "omit",
    cache: "no-store",
  });
  if (!response.ok) throw new Error(String(response.status));
  return response.blob();
}
