"""What the golden scripts share: where fixtures go, and a CRC-32C as the JVM computes it."""

from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources" / "golden"


def write(name, data):
    RESOURCES.mkdir(parents=True, exist_ok=True)
    (RESOURCES / name).write_bytes(data)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF
