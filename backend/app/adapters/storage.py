"""The Storage port on S3 through boto3: SeaweedFS in the embedded stack, S3 in production."""

from time import monotonic
from typing import Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.core.settings import Settings
from app.ports import Gone, Rejected, Unavailable

MAX_OBJECT: Final = 64 * 2**20
"""Bytes; both ways, so that nobody's object fills a process's memory."""
TOTAL_S: Final = 30.0
CHUNK: Final = 2**20


class S3Storage:
    """One private bucket. Every failure of the store is Unavailable; nothing falls back to disk."""

    def __init__(self, settings: Settings) -> None:
        key, secret = settings.s3_access_key_id, settings.s3_secret_access_key
        self._bucket = settings.s3_bucket
        self._client = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            region_name=settings.s3_region,
            aws_access_key_id=key.get_secret_value() if key else None,
            aws_secret_access_key=secret.get_secret_value() if secret else None,
            config=Config(
                connect_timeout=3,
                read_timeout=10,
                retries={"max_attempts": 2, "mode": "standard"},
                s3={"addressing_style": "path"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def check(self) -> None:
        """Reach the bucket, making it when it does not exist. Raises Unavailable."""
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            if _code(error) not in ("404", "NoSuchBucket"):
                raise Unavailable(f"the object store refused: {error}") from error
            self._make()
        except BotoCoreError as error:
            raise Unavailable(f"the object store does not answer: {error}") from error

    def put(self, key: str, content: bytes) -> None:
        """Store an object whole, making the bucket when there is none."""
        if len(content) > MAX_OBJECT:
            raise Rejected(f"{key}: {len(content)} bytes are more than {MAX_OBJECT}")
        try:
            self._put(key, content)
        except ClientError as error:
            if _code(error) != "NoSuchBucket":
                raise Unavailable(f"the object store refused: {error}") from error
            self.check()
            self._put_again(key, content)
        except BotoCoreError as error:
            raise Unavailable(f"the object store does not answer: {error}") from error

    def _put(self, key: str, content: bytes) -> None:
        self._client.put_object(Bucket=self._bucket, Key=key, Body=content)

    def _put_again(self, key: str, content: bytes) -> None:
        try:
            self._put(key, content)
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(f"the object could not be stored: {error}") from error

    def get(self, key: str) -> bytes:
        """An object's bytes, within TOTAL_S however slowly they trickle."""
        deadline = monotonic() + TOTAL_S
        content = bytearray()
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=key)
            for chunk in answer["Body"].iter_chunks(CHUNK):
                content += chunk
                if len(content) > MAX_OBJECT:
                    raise Rejected(f"{key}: more than {MAX_OBJECT} bytes")
                if monotonic() > deadline:
                    raise Unavailable(f"{key} did not arrive within {TOTAL_S:g} s")
        except ClientError as error:
            if _code(error) in ("NoSuchKey", "NoSuchBucket", "404"):
                raise Gone(f"no object {key}") from error
            raise Unavailable(f"the object store refused: {error}") from error
        except BotoCoreError as error:
            raise Unavailable(f"the object store does not answer: {error}") from error
        return bytes(content)

    def delete(self, key: str) -> None:
        """Remove an object; S3 does not tell whether there was one."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if _code(error) not in ("NoSuchKey", "NoSuchBucket", "404"):
                raise Unavailable(f"the object store refused: {error}") from error
        except BotoCoreError as error:
            raise Unavailable(f"the object store does not answer: {error}") from error

    def _make(self) -> None:
        try:
            self._client.create_bucket(Bucket=self._bucket)
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(f"the bucket could not be made: {error}") from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
