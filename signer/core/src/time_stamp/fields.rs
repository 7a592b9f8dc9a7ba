//! `TSTInfo` (RFC 3161 2.4.2) as other authorities write it, cut into its fields unjudged: with accuracy, ordering and
//! their own name. Ours have one form (`token`).

use crate::tlv::{self, CONTEXT_0, CONTEXT_1, Element, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, TlvError};

/// BOOLEAN.
const BOOLEAN: u8 = 0x01;

/// The fields that anybody here looks at.
pub(crate) struct TstFields<'a> {
    pub(crate) version: &'a [u8],
    pub(crate) policy: &'a [u8],
    /// Object identifier of the imprint's digest.
    pub(crate) algorithm: &'a [u8],
    pub(crate) imprint: &'a [u8],
    pub(crate) time: Element<'a>,
    pub(crate) accuracy: Option<Element<'a>>,
    pub(crate) nonce: Option<Element<'a>>,
    pub(crate) has_extensions: bool,
}

impl<'a> TstFields<'a> {
    /// Cuts a `TSTInfo` that must be all of `der`.
    pub(crate) fn read(der: &'a [u8]) -> Result<Self, TlvError> {
        let mut fields = tlv::only(der, SEQUENCE)?.open();
        let version = fields.expect(INTEGER)?.content;
        let policy = fields.expect(OBJECT_IDENTIFIER)?.content;
        let mut imprint = fields.expect(SEQUENCE)?.open();
        let algorithm = imprint.expect(SEQUENCE)?.open().expect(OBJECT_IDENTIFIER)?.content;
        let digest = imprint.expect(OCTET_STRING)?.content;
        imprint.finish()?;
        let _serial = fields.expect(INTEGER)?;
        let time = fields.element()?;
        let accuracy = fields.optional(SEQUENCE)?;
        let _ordering = fields.optional(BOOLEAN)?;
        let nonce = fields.optional(INTEGER)?;
        let _name = fields.optional(CONTEXT_0)?;
        let has_extensions = fields.optional(CONTEXT_1)?.is_some();
        fields.finish()?;
        Ok(Self { version, policy, algorithm, imprint: digest, time, accuracy, nonce, has_extensions })
    }
}
