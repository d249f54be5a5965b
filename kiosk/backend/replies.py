"""What came back from the office: read, checked, and where it is none of its answers, called by its code.

No exception of this module repeats what an answer contained.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from ssl import SSLEOFError, SSLError, SSLZeroReturnError
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from requests import exceptions

from kiosk import api
from kiosk.backend.contract import RefusedForGoodError, ThrottledError
from kiosk.errors import BackendError, ErrorCode

_Answer = TypeVar("_Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    kind: str
    digest: str
    body: bytes = field(repr=False)
    retry_after_s: int = 0


def refuse_errors(path: str, reply: Reply) -> None:
    """Raise what a status other than 2xx means."""
    status = reply.status
    if 200 <= status < 300:
        return
    problem = _problem_of(reply)
    detail = f"{path}: {status} {problem.code if problem else 'without a reason'}"
    if status >= 500:
        raise BackendError(ErrorCode.OFFICE_FAULT, detail)
    if status in (401, 403):
        raise BackendError(ErrorCode.OFFICE_REFUSED, detail)
    if problem is None:
        # A redirect to a log-in page, a proxy's own words: whoever answered was not the office.
        raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, detail)
    if problem.code is api.ProblemCode.VISIT_EXPIRED:
        raise BackendError(ErrorCode.OFFICE_VISIT_EXPIRED, detail)
    if problem.code is api.ProblemCode.TOO_MANY:
        raise ThrottledError(detail, reply.retry_after_s)
    is_taken = problem.code in (api.ProblemCode.DOCUMENT_TAKEN, api.ProblemCode.GRANT_CLOSED)
    raise RefusedForGoodError(ErrorCode.DOCUMENT_TAKEN if is_taken else ErrorCode.OFFICE_REFUSED, detail)


def anything(_reply: Reply) -> None:
    """Whatever an office says to a visit's end: the token dies by itself."""


def read_document(reply: Reply) -> bytes:
    if reply.kind != "application/pdf" or not reply.body.startswith(b"%PDF-"):
        raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, "the document is no PDF")
    if sha256(reply.body).hexdigest() != reply.digest:
        raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, "the document is not what the office hashed")
    return reply.body


def _problem_of(reply: Reply) -> api.Problem | None:
    try:
        return api.Problem.model_validate_json(reply.body)
    except ValidationError:
        return None


def json_of(reply: Reply) -> bytes:
    if reply.kind != "application/json":
        raise BackendError(ErrorCode.OFFICE_BAD_ANSWER, "the answer is no JSON")
    return reply.body


def parsed(reply: Reply, model: type[_Answer], path: str) -> _Answer:
    try:
        return model.model_validate_json(json_of(reply))
    except ValidationError as error:
        raise bad_answer(path, error) from None


def bad_answer(path: str, error: ValidationError) -> BackendError:
    return BackendError(ErrorCode.OFFICE_BAD_ANSWER, f"{path}: {error.error_count()} fields are not as agreed")


def translated(error: Exception, *, is_late: bool) -> BackendError:
    name = type(error).__name__
    if is_late or isinstance(error, exceptions.Timeout | TimeoutError):
        return BackendError(ErrorCode.OFFICE_SLOW, name)
    causes = list(_causes(error))
    is_cut = any(isinstance(cause, SSLEOFError | SSLZeroReturnError) for cause in causes)
    if not is_cut and any(isinstance(cause, SSLError | exceptions.SSLError) for cause in causes):
        return BackendError(ErrorCode.OFFICE_UNTRUSTED, name)
    if isinstance(error, exceptions.ContentDecodingError | exceptions.InvalidHeader):
        return BackendError(ErrorCode.OFFICE_BAD_ANSWER, name)
    if any(type(cause).__name__ in _GARBLED for cause in causes):
        return BackendError(ErrorCode.OFFICE_BAD_ANSWER, name)
    return BackendError(ErrorCode.OFFICE_OFFLINE, name)


_GARBLED = {"BadStatusLine", "LineTooLong", "HeaderParsingError", "InvalidChunkLength", "UnknownProtocol"}
"""What http.client and urllib3 raise for answers that are no HTTP."""


def _causes(error: BaseException) -> list[BaseException]:
    """The error and everything below it: causes, contexts and wrapped arguments."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting and len(found) < 20:
        one = waiting.pop()
        if one in found:
            continue
        found.append(one)
        below = [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
        waiting += [item for item in below if isinstance(item, BaseException)]
    return found
