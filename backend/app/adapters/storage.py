"""The Storage port on S3 through boto3: SeaweedFS in the embedded stack, S3 in production."""

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from app.core.settings import Settings
from app.ports import Unavailable


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
            if error.response.get("Error", {}).get("Code") not in ("404", "NoSuchBucket"):
                raise Unavailable(f"the object store refused: {error}") from error
            self._make()
        except BotoCoreError as error:
            raise Unavailable(f"the object store does not answer: {error}") from error

    def _make(self) -> None:
        try:
            self._client.create_bucket(Bucket=self._bucket)
        except (ClientError, BotoCoreError) as error:
            raise Unavailable(f"the bucket could not be made: {error}") from error
