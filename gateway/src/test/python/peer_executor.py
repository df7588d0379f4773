"""A Python Jina executor for the peer checks."""

import asyncio

from jina import DocumentArray, Executor, requests


class PeerExecutor(Executor):
    @requests(on="/shout")
    def shout(self, docs: DocumentArray, parameters, **kwargs):
        for doc in docs:
            doc.text = doc.text.upper() + parameters.get("mark", "")

    @requests(on="/count")
    def count(self, docs: DocumentArray, **kwargs):
        return {"count": len(docs)}

    @requests(on="/fail")
    def fail(self, **kwargs):
        raise ValueError("python says no")

    @requests(on="/slow")
    async def slow(self, docs: DocumentArray, **kwargs):
        for doc in docs:
            await asyncio.sleep(doc.tags.get("seconds", 0))
