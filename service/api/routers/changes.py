"""What changed in a transformation between two instants, in sentences."""

from fastapi import APIRouter

router = APIRouter(tags=["changes"])
