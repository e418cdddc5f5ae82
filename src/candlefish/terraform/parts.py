"""The files of the module, in the order in which a reader meets them."""

from candlefish.terraform.part import Part

PARTS: tuple[Part, ...] = ()
