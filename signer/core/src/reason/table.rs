//! The table of reason codes: code, severity, meaning, what to do next. A code once released keeps its meaning.

use super::Severity;

macro_rules! codes {
    ($($name:ident $code:literal $severity:ident $meaning:literal $help:literal;)*) => {
        /// A stable reason code, `family.cause[.detail]`.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The code itself.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What it does to a verdict.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$name => Severity::$severity,)* }
            }

            /// What the code means, one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }

            /// What to do next, one sentence.
            pub const fn help(self) -> &'static str {
                match self { $(Self::$name => $help,)* }
            }

            /// The row with this code.
            pub fn from_code(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.as_str() == text)
            }
        }
    };
}

codes! {
    // git: bytes of commits, tags and trees.
    GitMalformedDuplicateHeader "git.malformed.duplicate_header" Reject "A header that may stand once stands twice." "Recreate the object with git; no stock git writes it.";
    GitMalformedDuplicateParent "git.malformed.duplicate_parent" Reject "The same parent is named twice." "Recreate the commit with git.";
    GitMalformedHeader "git.malformed.header" Reject "A header line is not a key, one space and a value." "Recreate the object with git; no stock git writes it.";
    GitMalformedHeaderOrder "git.malformed.header_order" Reject "Headers are not in git's order." "Recreate the object with git; no stock git writes it.";
    GitMalformedMissingHeader "git.malformed.missing_header" Reject "A mandatory header is missing." "Recreate the object with git.";
    GitMalformedNoBodySeparator "git.malformed.no_body_separator" Reject "No blank line separates headers from the message." "Recreate the object with git.";
    GitMalformedNulInHeader "git.malformed.nul_in_header" Reject "A header holds a NUL byte." "Recreate the object with git.";
    GitMalformedNulInMessage "git.malformed.nul_in_message" Reject "The message holds a NUL byte, so that viewers hide what follows." "Recreate the object without the NUL byte.";
    GitMalformedUtf8 "git.malformed.utf8" Reject "A header is not UTF-8." "Set i18n.commitEncoding to utf-8 and recreate the object.";
    GitMalformedIdent "git.malformed.ident" Reject "An author, committer or tagger line is malformed." "Recreate the object with a plain name and mail address.";
    GitMalformedDate "git.malformed.date" Reject "The date of an identity line is malformed or out of range." "Recreate the object with git.";
    GitMalformedObjectId "git.malformed.object_id" Reject "An object id is not lower-case hexadecimal of the repository's length." "Recreate the object with git.";
    GitMalformedObjectType "git.malformed.object_type" Reject "An object is not of the kind its name is used for." "Check the name, or run git fsck.";
    GitEncodingUnusual "git.encoding_unusual" Warn "The commit declares an encoding other than UTF-8." "Read the message with care: viewers may show other text than was signed.";
    GitSigMissing "git.sig.missing" Reject "The object carries no signature." "Sign it: `git commit --amend -S`, with gitsign-hook installed.";
    GitSigEmpty "git.sig.empty" Reject "The signature header is empty." "Sign the object again.";
    GitSigDuplicateHeader "git.sig.duplicate_header" Reject "The object carries more than one signature header." "Sign the object again; keep one signature.";
    GitSigMultipleBlocks "git.sig.multiple_blocks" Reject "The signature holds more than one armoured block." "Sign the object again; keep one signature.";
    GitSigUnsupportedFormat "git.sig.unsupported_format" Reject "The signature is not an X.509 `SIGNED MESSAGE`." "Sign with gitsign-hook: `gitsign-hook install`.";
    GitSigArmorNoncanonical "git.sig.armor_noncanonical" Reject "The armour is not in its one canonical form." "Sign the object again; do not re-wrap signatures.";
    GitSigWrongHashHeader "git.sig.wrong_hash_header" Reject "The signature header belongs to the other hash algorithm." "Sign the object again in this repository.";
    GitTreeDuplicateEntry "git.tree.duplicate_entry" Reject "A tree names one entry twice." "Recreate the tree with git.";
    GitTreeNoncanonical "git.tree.noncanonical" Reject "A tree is unsorted or holds a mode or id git never writes." "Recreate the tree with git.";
    GitTreeUnsafeName "git.tree.unsafe_name" Reject "A tree holds a name that a checkout may not write." "Rename the entry.";
    GitTreeCollision "git.tree.collision" Warn "Two names in a tree collide where case or normalisation is folded." "Rename one of them.";
    GitTagNameMismatch "git.tag.name_mismatch" Reject "The tag object's name is not the name of its ref." "Restore the ref to the tag of its own name.";
    GitTagTypeMismatch "git.tag.type_mismatch" Reject "The tagged object is not of the type the tag says." "Recreate the tag.";
    GitTagNested "git.tag.nested_unverified" Reject "The tag points to another tag." "Tag the commit itself.";
    GitTagTarget "git.tag.target" Reject "The tag names something other than a commit, which no policy can judge." "Tag a commit.";
    GitTagUnsigned "git.tag.unsigned" Reject "The tag is lightweight, or its object carries no signature." "Create it with `git tag -s`.";
    GitDuplicateEvidence "git.duplicate_evidence" Reject "Two objects of the range carry the same log entry." "Keep the object that was signed; drop its copy.";
    GitSha1Collision "git.sha1_collision" Reject "The object is part of a SHA-1 collision." "Treat the repository as hostile.";
    // hist: history and repository state.
    HistShallow "hist.shallow" Undetermined "The clone is shallow, so history below its edge is unknown." "Run `git fetch --unshallow` and verify again.";
    HistMissingObject "hist.missing_object" Undetermined "An object that verification needs is absent." "Fetch the full history without filters and verify again.";
    HistUnknownRevision "hist.unknown_revision" Undetermined "A revision named on the command line does not exist." "Check the name; `git rev-parse` shows what exists.";
    HistBadRefname "hist.bad_refname" Reject "A ref name is malformed." "Name refs as git check-ref-format allows.";
    HistUnsupportedRepository "hist.unsupported_repository" Undetermined "The path holds no repository, or one in a storage format this version cannot read." "Check the path; clone with the files ref store.";
    HistGraftsPresent "hist.grafts_present" Reject "The repository has a grafts file." "Remove .git/info/grafts.";
    HistAlternates "hist.alternates" Reject "The repository borrows objects from another store." "Clone without --shared or --reference.";
    HistReplaceRefsPresent "hist.replace_refs_present" Warn "The repository has replace refs; they were ignored." "Delete refs/replace/* if they are not yours.";
    HistNewRoot "hist.new_root" Reject "A second root commit enters the history." "Merge only branches that descend from the adoption commit.";
    HistNotDescendant "hist.not_descendant" Reject "The commit does not descend from the adoption commit, or the base is of another history." "Check that the anchor and the range belong to this repository.";
    HistObjectIdMismatch "hist.object_id_mismatch" Reject "An object's bytes do not hash to its id." "Treat the object store as corrupt: run git fsck.";
    // cms: SignedData.
    CmsNotDer "cms.not_der" Reject "The structure is not DER, or not in its one canonical form." "Sign the object again.";
    CmsNotSignedData "cms.not_signed_data" Reject "The content is not SignedData." "Sign with gitsign-hook.";
    CmsTrailingData "cms.trailing_data" Reject "Bytes follow the structure." "Sign the object again.";
    CmsVersionMismatch "cms.version_mismatch" Reject "A version number is not 1." "Sign with gitsign-hook.";
    CmsNoCertificates "cms.no_certificates" Reject "The signature carries no certificate." "Sign with gitsign-hook.";
    CmsCertificateCount "cms.certificate_count" Reject "The signature carries other certificates than the leaf." "Sign with gitsign-hook.";
    CmsNoSigners "cms.no_signers" Reject "The signature has no signer." "Sign the object again.";
    CmsSignerCount "cms.signer_count" Reject "The signature has more than one signer." "Sign the object again; one signer signs.";
    CmsSignerMismatch "cms.signer_mismatch" Reject "The signer's certificate is not the one enclosed." "Sign the object again.";
    CmsSignedAttrsMissing "cms.signed_attrs_missing" Reject "The signature has no signed attributes." "Sign with gitsign-hook.";
    CmsAttrMissing "cms.attr_missing" Reject "A mandatory attribute is missing." "Sign with gitsign-hook.";
    CmsAttrDuplicate "cms.attr_duplicate" Reject "An attribute stands twice or has several values." "Sign with gitsign-hook.";
    CmsAttrType "cms.attr_type" Reject "An attribute's value is of the wrong type." "Sign with gitsign-hook.";
    CmsAttrUnknown "cms.attr_unknown" Reject "A signed attribute is none of the five." "Sign with gitsign-hook.";
    CmsUnsignedAttrUnknown "cms.unsigned_attr_unknown" Reject "An unsigned attribute is none of the three." "Remove what was added after signing.";
    CmsContentPresent "cms.content_present" Reject "A detached signature carries content." "Sign with gitsign-hook.";
    CmsContentTypeMismatch "cms.content_type_mismatch" Reject "The contentType attribute is not the content's type." "Sign the object again.";
    CmsContentTypeUnexpected "cms.content_type_unexpected" Reject "The content is not plain data." "Sign with gitsign-hook.";
    CmsDigest "cms.digest" Reject "The messageDigest attribute is not the digest of these bytes." "The object was altered after signing; take it from its author again.";
    CmsMessageDigestLength "cms.message_digest_length" Reject "The messageDigest attribute is not 32 bytes." "Sign with gitsign-hook.";
    CmsDigestAlgInconsistent "cms.digest_alg_inconsistent" Reject "The digest algorithms inside and outside differ." "Sign with gitsign-hook.";
    CmsAlgMismatch "cms.alg_mismatch" Reject "Digest and signature algorithm do not fit." "Sign with gitsign-hook.";
    CmsAlgNotAllowed "cms.alg_not_allowed" Reject "The algorithm is not allowed." "Sign with ECDSA P-256 and SHA-256.";
    CmsSignatureEncoding "cms.signature_encoding" Reject "The signature value is not strict DER with a low s." "Sign the object again.";
    CmsSignatureInvalid "cms.signature_invalid" Reject "The signature does not verify under the enclosed certificate." "The signature was altered or made with another key; sign again.";
    CmsEss "cms.ess_mismatch" Reject "The signing-certificate attribute names another certificate." "Sign the object again.";
    CmsProvenance "cms.provenance_malformed" Reject "The provenance attribute is not canonical JSON of its schema." "Sign with gitsign-hook of this version.";
    CmsCountersigned "cms.countersigned" Reject "The signature is an engine's, and was to be judged as one made without." "Judge it by the repository's anchor: `chancery-ci verify --anchor FILE`.";
    CmsCrls "cms.crls_present" Reject "The signature carries revocation lists." "Sign with gitsign-hook.";
    // x509: certificates.
    X509Malformed "x509.malformed" Reject "The certificate is malformed." "Ask the engine for a new certificate.";
    X509Untrusted "x509.untrusted" Reject "The certificate was not issued by a certificate authority of the trust root." "Check that the anchor is this repository's; where its engine rotated its keys since, bring them: `chancery anchor update`.";
    X509Signature "x509.signature_invalid" Reject "The issuer's signature on the certificate does not verify." "The certificate was altered; ask for a new one.";
    X509NotCa "x509.not_ca" Reject "A certificate that is no authority issued another." "Use certificates of the engine only.";
    X509PathConstraint "x509.path_constraint" Reject "The chain breaks a path constraint." "Use certificates of the engine only.";
    X509Eku "x509.eku" Reject "The extended key usage is missing or wrong." "Use a certificate of the engine for this purpose.";
    X509KeyUsage "x509.key_usage" Reject "The key usage is missing or wrong." "Use a certificate of the engine for this purpose.";
    X509Purpose "x509.purpose" Reject "The certificate was issued for another purpose." "Sign with a certificate of the right purpose.";
    X509UnknownCritical "x509.unknown_critical" Reject "The certificate has a critical extension we do not know." "Use certificates of the engine only.";
    X509UnknownExtension "x509.unknown_extension" Reject "The certificate has an extension its profile does not list." "Use certificates of the engine only.";
    X509DuplicateExtension "x509.duplicate_extension" Reject "The certificate has one extension twice." "Use certificates of the engine only.";
    X509ExtensionUnparsable "x509.extension_unparsable" Reject "An extension of the certificate cannot be read." "Use certificates of the engine only.";
    X509ExtensionConflict "x509.extension_conflict" Reject "Two extensions of the certificate contradict each other." "Use certificates of the engine only.";
    X509AlgMismatch "x509.alg_mismatch" Reject "The signature algorithms inside and outside the certificate differ." "Use certificates of the engine only.";
    X509AlgNotAllowed "x509.alg_not_allowed" Reject "The certificate is signed with an algorithm that is not allowed." "Use certificates of the engine only.";
    X509Criticality "x509.criticality" Reject "An extension is critical where its profile says it is not, or the reverse." "Use certificates of the engine only.";
    X509MissingExtension "x509.missing_extension" Reject "The certificate lacks an extension its profile needs." "Use certificates of the engine only.";
    X509BadKey "x509.bad_key" Reject "The public key is not an uncompressed point on P-256." "Use a P-256 key.";
    X509BadTime "x509.bad_time" Reject "A validity time of the certificate is malformed." "Use certificates of the engine only.";
    X509Lifetime "x509.lifetime" Reject "The certificate lives longer than its profile allows." "Use certificates of the engine only.";
    X509Expired "x509.expired" Reject "The certificate was not valid at the authenticated signing time." "Sign again with a fresh certificate.";
    X509ExpiredChain "x509.expired_chain" Reject "An issuer was not valid at the authenticated signing time." "Rotate the issuing authority: `chancery trust rotate issuing`.";
    X509AuthorityRotated "x509.authority_rotated" Reject "The authority that issued the certificate was rotated since." "Sign again: the broker gets a fresh certificate.";
    // id: identities.
    IdMultipleSan "id.multiple_san" Reject "The certificate names several subjects." "Use certificates of the engine only.";
    IdTypeMismatch "id.type_mismatch" Reject "The subject is of another type than its class demands." "Use certificates of the engine only.";
    IdMismatch "id.mismatch" Reject "The identity is not the expected one." "Check who should have signed.";
    IdAuthorDiffers "id.author_differs" Warn "The author line names somebody else than the certificate." "Trust the certificate; the author line is a claim.";
    // bundle, dsse, intoto: files beside prompts and artifacts.
    BundleMalformed "bundle.malformed" Reject "The bundle is not a Sigstore bundle v0.3 of our profile." "Sign the file again.";
    BundleJson "bundle.json" Reject "The bundle is not JSON of the bundle's schema." "Sign the file again.";
    BundleVersion "bundle.version" Reject "The bundle is of another media type or version than Sigstore bundle v0.3." "Sign the file with a current client.";
    LimitBundle "limit.bundle" Reject "The bundle, or a part of it, is larger than the limit." "Sign the file again.";
    BundleMissing "bundle.missing" Reject "No bundle lies beside the file." "Sign the file, or name the bundle with --bundle.";
    BundleStock "bundle.sigstore_rejected" Reject "The Sigstore verifier refuses the bundle." "Sign the file again.";
    BundleDecisionMissing "bundle.decision_missing" Reject "The decision does not lie beside the bundle." "Keep `NAME.decision.json` beside the bundle.";
    BundleAlgMismatch "bundle.alg_mismatch" Reject "Key, signature or digest of the bundle are of algorithms that do not fit each other or this version." "Sign with ECDSA P-256 and SHA-256.";
    BundleBase64 "bundle.base64" Reject "A member of the bundle is not standard base64 with padding." "Take the bundle from its signer again.";
    BundleDigestHint "bundle.digest_hint_mismatch" Reject "The digest that the bundle gives is not the artifact's." "Take the bundle from its signer again.";
    BundleDuplicateKey "bundle.duplicate_key" Reject "A member stands twice, so that two readers may see two documents." "Take the bundle from its signer again.";
    BundleMaterial "bundle.verification_material" Reject "The bundle does not hold exactly one certificate or key of the kind asked for." "Name the signer by --identity and --issuer, or by --key, as the bundle was signed.";
    BundleNumber "bundle.number" Reject "A number of the bundle is not whole, or out of range." "Take the bundle from its signer again.";
    BundleSignatureInvalid "bundle.signature_invalid" Reject "The bundle's signature over the artifact does not verify." "The artifact or bundle was altered; take it from its signer again.";
    DssePayloadType "dsse.payload_type" Reject "The payload type is not the one this purpose signs." "Sign the file with the right command.";
    DsseSignatureCount "dsse.signature_count" Reject "The envelope does not carry exactly one signature." "Sign the file again.";
    DsseSignatureInvalid "dsse.signature_invalid" Reject "The envelope's signature does not verify." "The file or bundle was altered; take it from its signer again.";
    IntotoMalformed "intoto.malformed" Reject "The statement is not an in-toto Statement v1 of our profile." "Sign the file again.";
    IntotoStatementType "intoto.statement_type" Reject "The statement's type is not in-toto Statement v1." "Sign the file again.";
    IntotoNoSubject "intoto.no_subject" Reject "The statement names no subject, or more than its kind has." "Sign the file again.";
    IntotoDigestFormat "intoto.digest_format" Reject "A subject's digest is not exactly one lower-case sha256." "Sign the file again.";
    IntotoPredicate "intoto.predicate_malformed" Reject "The statement's predicate does not fit the schema of its type." "Sign the file with a current client.";
    IntotoPredicateType "intoto.predicate_type" Reject "The statement is of another predicate type." "Verify the file with the command that fits its kind.";
    IntotoSubject "intoto.subject_mismatch" Reject "The statement is about other content." "The file was altered after signing; take it from its signer again.";
    IntotoDigestConflict "intoto.digest_conflict" Reject "A subject's digests are of different artifacts." "Ask the signer for a statement about one artifact.";
    IntotoDigestWeak "intoto.digest_weak" Reject "No subject has a digest that counts: sha256, or sha384 or sha512 with the content at hand." "Verify the content itself, or ask the signer for a sha256.";
    // log: entries, proofs, checkpoints.
    LogEntryMalformed "log.entry_malformed" Reject "The log entry is malformed or not in its canonical encoding." "Sign again.";
    LogEntryMissing "log.entry_missing" Reject "The signature carries no log entry." "Run `gitsign-hook settle`, or sign again while the engine is up.";
    LogOnline "log.online" Reject "The signature carries no evidence of its log entry: its client left it in the log, as gitsign does in its online mode." "Sign again with `git config gitsign.rekorMode offline`, or with `gitsign-hook install --elsewhere`.";
    LogEntryAlgorithm "log.entry_algorithm" Reject "The entry's key or digest is of an algorithm that this log does not take." "Sign with ECDSA P-256 and SHA-256.";
    LogEntryExists "log.entry_exists" Reject "The log holds this very entry already." "Read it at the index that the answer names.";
    LogEntrySignature "log.entry_signature" Reject "The entry's signature does not verify over its digest." "Sign again with the certificate's own key.";
    LogEntryVerifier "log.entry_verifier" Reject "The entry's verifier is no certificate that this engine issued." "Ask this engine for a certificate first.";
    LogKind "log.kind" Reject "The log entry is of another kind or version." "Sign with a current client.";
    LogBodyMismatchDigest "log.body_mismatch.digest" Reject "The log entry is about another digest." "The entry belongs to another signature; sign again.";
    LogBodyMismatchSignature "log.body_mismatch.signature" Reject "The log entry is about another signature." "The entry belongs to another signature; sign again.";
    LogBodyMismatchKey "log.body_mismatch.key" Reject "The log entry is about another certificate." "The entry belongs to another signature; sign again.";
    LogProofMissing "log.proof_missing" Reject "The log entry carries no inclusion proof." "Sign again; nothing is looked up later.";
    LogInclusionProof "log.inclusion_proof" Reject "The inclusion proof does not lead to the checkpoint's root." "The proof was altered, or the entry was never logged; sign again.";
    LogRootMismatch "log.root_mismatch" Reject "Proof and checkpoint are of different trees." "Sign again.";
    LogIndexMismatch "log.index_mismatch" Reject "Two places give different log positions." "Restore the signature as it was made.";
    LogCheckpointMalformed "log.checkpoint_malformed" Reject "The checkpoint is not a signed note of our form." "Sign again.";
    LogCheckpointSignature "log.checkpoint_signature" Reject "The checkpoint's signature does not verify." "Treat the log's answer as hostile.";
    LogOriginMismatch "log.origin_mismatch" Reject "The checkpoint is of a log that the trust root does not name." "Check that the anchor is this repository's; where its engine rotated its keys since, bring them: `chancery anchor update`.";
    LogLeafMismatch "log.leaf_mismatch" Reject "The decision is about another log entry." "The decision belongs to another signature; sign again.";
    LogSctMissing "log.sct_missing" Reject "The certificate carries no promise of its own logging." "Use certificates of the engine only.";
    LogThreshold "log.threshold" Reject "Two entries that should stand in two logs stand in one." "Name logs of different operators in the signing config.";
    LogSctInvalid "log.sct_invalid" Reject "The certificate's promise of logging does not verify." "Use certificates of the engine only; where it rotated its keys since, bring them: `chancery anchor update`.";
    LogPromiseInvalid "log.promise_invalid" Reject "The log's signed promise of inclusion does not verify." "The entry was altered, or is another log's; sign again.";
    LogStateRegression "log.state_regression" Reject "The engine is behind a checkpoint that a client has seen." "Stop the engine and bring back its newest state; an older copy would sign a second tree.";
    LogHeadDamaged "log.head_damaged" Reject "The engine's head file holds nothing that its log has signed." "Pass the newest checkpoint a client, a witness or a mirror has: `chancery-server serve --expect-checkpoint FILE`.";
    LogHeadMissing "log.head_missing" Reject "The engine's head file is gone, so nobody can tell whether its state is the newest." "Put the file back, or pass the newest checkpoint a client, a witness or a mirror has: `chancery-server serve --expect-checkpoint FILE`.";
    LogRestored "log.restored" Reject "The engine's state comes from a backup and may be older than what it acknowledged." "Pass the newest checkpoint a client, a witness or a mirror has: `chancery-server serve --expect-checkpoint FILE`; where entries are lost, go on in a new log.";
    LogConsistency "log.consistency" Reject "The log's entries do not lead to its checkpoint." "Run `chancery log fsck` and keep both versions as evidence.";
    LogEmpty "log.empty" Undetermined "The log has no entry, so there is no checkpoint." "Sign something first.";
    LogFrozen "log.frozen" Reject "The log is frozen: it is served and takes nothing more." "Write to the log that follows it; the trust root names both.";
    LogTile "log.tile" Reject "A tile's path or bytes are not in the one form of C2SP tlog-tiles." "Ask for tiles by the paths of the specification.";
    LogTileAbsent "log.tile_absent" Reject "The log has no such tile, or has fewer nodes in it." "Ask for a tile of the newest checkpoint's tree.";
    LogIdentitySeen "log.identity_seen" Warn "Somebody signed under a name that is watched." "Ask whoever bears the name; if nobody did it, revoke what signed.";
    LogIdentityUnexplained "log.identity_unexplained" Reject "A certificate names an agent that nobody registered." "Ask the engine's owner who issued it; treat the engine as compromised until that is known.";
    LogKeyMalformed "log.key_malformed" Reject "The text is not the verifier key of a log or witness." "Take the key from its operator again; docs/formats.md F6 gives the form.";
    LogRollback "log.rollback" Reject "The log shows a smaller tree than one it has signed before." "Keep both checkpoints as evidence; rely on nothing the log says until its operator explains.";
    LogSplitView "log.split_view" Reject "The log has signed two trees that exclude each other." "Keep both checkpoints as evidence; rely on nothing the log says until its operator explains.";
    LogWitnessAnswer "log.witness_answer" Reject "The witness's answer is none of C2SP tlog-witness, or holds no cosignature of its own." "Ask the witness's operator; until then the policy must do without it.";
    LogWitnessPolicy "log.witness_policy" Reject "The witness policy is not a C2SP tlog-policy." "Mend the line that is named; docs/formats.md F6 gives the form.";
    LogWitnessQuorum "log.witness_quorum" Undetermined "Fewer witnesses have cosigned a checkpoint than the policy asks for." "See that the witnesses run, then ask again: what was recorded stays recorded, and a repeat gets the same answer.";
    LogWitnessRefused "log.witness_refused" Reject "A witness does not cosign this log's checkpoint." "Ask its operator: 403 and 404 mean that it knows another key or no such log, 422 that it was shown another tree.";
    LogWitnessSignature "log.witness_signature" Reject "A cosignature under a witness's key does not verify." "Treat whoever gave the checkpoint as hostile.";
    LogWitnessSize "log.witness_size" Reject "The witness is at another size of the log." "Send the proof from the size that the witness names.";
    LogWitnessUnreachable "log.witness_unreachable" Undetermined "The witness cannot be reached, or takes too long." "See that it runs at the address in the witness policy.";
    // time: tokens.
    TimeNone "time.none" Reject "The signature carries no time-stamp token." "Run `gitsign-hook settle`, or sign again while the engine is up.";
    TimeAlgorithm "time.alg" Reject "The token is made with another algorithm than SHA-256 and ECDSA with SHA-256." "Ask the time authority's operator.";
    TimeMalformed "time.malformed" Reject "The time-stamp token is malformed or not in its canonical encoding." "Sign again.";
    TimeStatus "time.status" Reject "The time authority did not grant the request." "Ask the time authority's operator.";
    TimeImprintMismatch "time.imprint_mismatch" Reject "The token stamps other bytes than this signature." "The token belongs to another signature; sign again.";
    TimeNonce "time.nonce" Reject "The time authority answers another request than ours." "Treat the authority's answer as hostile; ask again.";
    TimeTsaUntrusted "time.tsa_untrusted" Reject "The token's authority is not in the trust root." "Check that the anchor is this repository's; where its engine rotated its keys since, bring them: `chancery anchor update`.";
    TimeTsaSignature "time.tsa_signature" Reject "The token's signature does not verify." "The token was altered; sign again.";
    TimeTsaEku "time.tsa_eku" Reject "The time authority's certificate is not for time-stamping alone." "Ask the time authority's operator.";
    TimePolicy "time.policy" Reject "The token is under another policy than a countersignature's." "Sign through the engine; a plain time-stamp is no countersignature.";
    TimeDecision "time.decision_mismatch" Reject "The token carries the digest of another decision." "The decision belongs to another signature; sign again.";
    TimeOutsideWindow "time.tsa_outside_window" Reject "The token's time lies outside its authority's validity." "Ask the time authority's operator.";
    TimeAccuracy "time.accuracy" Reject "The token's accuracy is so large that its time is none." "Ask the time authority's operator.";
    TimeAuthorities "time.authorities" Reject "The file of foreign time authorities is malformed." "Mend the member that is named; docs/formats.md F15 gives the form.";
    TimeConflict "time.conflict" Reject "A time that somebody else vouches for does not fit the certificate, or the log, that signed." "Check the clocks of the engine and of the time authority; then sign again.";
    TimeForeignMissing "time.foreign_missing" Undetermined "No foreign time authority vouches for the time of this signature." "See that one of the anchor's time authorities answers the engine (`chancery-server serve --time-authority FILE`), then sign again.";
    TimeOwnAuthority "time.own_authority" Reject "The time authority's key is the engine's own, so that nobody else vouches for its clock." "Name an authority that somebody else runs.";
    TimeTsaSigner "time.tsa_signer" Reject "The token does not name the certificate of the authority that it is taken for." "Treat whoever gave the token as hostile; ask the authority again.";
    TimeDuplicate "time.duplicate" Reject "The signature carries several tokens of one authority." "Sign again.";
    TimeFormat "time.format" Reject "The token's time has fractions or another form than whole seconds." "Ask the time authority's operator.";
    TimeRefused "time.token_refused" Reject "No time authority of the trust root vouches for the token over this signature." "Check the trust root, or sign again.";
    TimeFuture "time.future" Reject "An authenticated time lies in the future." "Check this machine's clock.";
    TimeClockJump "time.clock_jump" Undetermined "The engine's clock jumped or drifted; nothing is stamped until it is started again." "Set the engine's clock, then start it again.";
    TimeClockRegression "time.clock_regression" Reject "The engine's clock is behind a time it has already stamped." "Set the engine's clock, then start it again.";
    // revoked: what no longer counts, and the feed that says so.
    RevokedCertificate "revoked.certificate" Reject "The certificate, its key or its issuer was revoked before this was logged." "Sign again with a fresh certificate.";
    RevokedFinal "revoked.final" Reject "What is revoked stays revoked." "Register it anew under another name, or grant anew.";
    RevokedGrant "revoked.grant" Reject "A grant that this rests on was revoked before it was logged." "Ask whoever gave the grant for another.";
    RevokedIdentity "revoked.identity" Reject "The signer, its session, class, model or sponsor was revoked before this was logged." "Ask whoever revoked it; somebody else must sign the change.";
    RevokedKeyCompromise "revoked.key_compromise" Reject "Somebody else may have held this key: nothing that it signed counts." "Review the change, and let somebody sign it again.";
    RevokedLeaf "revoked.leaf" Reject "This very signature, or the prompt it was made under, was revoked." "Make the change again, or ask whoever revoked it.";
    RevokedListInvalid "revoked.list_invalid" Reject "The feed of revocations does not verify." "Get it from the engine again: chancery revoke feed.";
    RevokedRepository "revoked.repository" Reject "The repository was revoked before this was logged." "Ask whoever revoked it.";
    RevokedSelector "revoked.selector" Reject "This names nothing that can be revoked so." "Name KIND:ID, as in agent:builder; chancery revoke --help lists the kinds.";
    RevokedStaleList "revoked.stale_list" Reject "The feed of revocations is too old to tell." "Get a newer one from the engine: chancery revoke feed.";
    RevokedTsa "revoked.tsa" Reject "The time authority that says when this was signed was revoked." "Sign again; the engine's authority was replaced.";
    RevokedUnavailable "revoked.unavailable" Undetermined "There is no feed of revocations to ask." "Get it from the engine: chancery revoke feed.";
    // decisions.
    DecisionMalformed "decision.malformed" Reject "The decision is not canonical JSON of its schema." "Sign again.";
    DecisionContradiction "decision.contradiction" Reject "The decision contradicts what was signed." "The decision belongs to another signature; sign again.";
    // scope and delegation.
    ScopeKind "scope.kind" Reject "The signature was made for another kind of object." "Sign the object again.";
    ScopeClaimMismatch "scope.claim_mismatch" Reject "The signed change list is not what the commit changes." "The signer lied about the change; do not merge it.";
    ScopeRepository "scope.repository" Reject "The signature is bound to another repository." "Sign in the repository the grant names, or ask for a grant for this one.";
    ScopeTarget "scope.target" Reject "The signature is bound to another target, or one outside the scope." "Sign for a target the grant names.";
    ScopePath "scope.path" Reject "The change touches a path outside the signer's scope." "Ask for a grant that covers the path.";
    ScopeOperation "scope.operation" Reject "The change does what the signer's scope does not allow." "Ask for a grant that covers it; tags take `chancery grant create --tags`, and a rule of the policy that lets agents tag, or a person's own `git tag -s`.";
    ScopePurpose "scope.purpose" Reject "The signer's scope does not allow this purpose." "Ask for a grant that covers the purpose.";
    ScopeLimit "scope.limit" Reject "The change is larger than the signer's scope allows." "Split the change, or ask for a larger limit.";
    ScopeTagMismatch "scope.tag_mismatch" Reject "The signed provenance is about another tag." "Sign the tag again.";
    ScopeNotNarrower "scope.not_narrower" Reject "A delegated scope exceeds the one it came from." "Ask for a narrower grant.";
    ScopeElement "scope.element" Reject "A scope has too many or too long elements, or one that names nothing." "Use fewer and shorter elements; paths as `src/`, targets as `refs/heads/main`.";
    // agent and delegation.
    AgentHops "agent.hops" Reject "The delegation chain is missing, too long, or starts with nobody who may delegate." "Ask a person for a grant.";
    AgentGrant "agent.grant_malformed" Reject "The grant allows nothing, or more or longer than a grant may." "Make a grant with scope, a window of at most 30 days and at most 3 further hops.";
    AgentUnknown "agent.unknown" Reject "No such agent is registered." "Register it: `chancery agent register NAME`.";
    AgentCallerNotPerson "agent.caller_not_person" Reject "An agent session may not act as a person." "Run the command in a person's own terminal.";
    AgentCredential "agent.credential_exposed" Reject "Others may read or write the file with a credential." "Take it from them: `chmod 600 FILE`; where others had read it, it is theirs as well.";
    AgentPresence "agent.presence_missing" Reject "A person must confirm this, and nobody did." "Run it on your own terminal; scripts pass --owner-file, to an engine --credential-file.";
    AgentSessionUnknown "agent.session_unknown" Reject "The session is unknown or has ended." "Start the agent with `chancery run`.";
    AgentCachePeer "agent.cache_peer" Reject "Another user or process than the session's asked for its keys." "Use the session from its own processes; see who runs on this machine.";
    AgentForeignPayload "agent.foreign_payload" Reject "The object to sign is not one of this repository's." "Sign inside the repository that holds the objects.";
    // issue, engine and requests.
    IssueUnauthorized "issue.unauthorized" Reject "The request's credential is missing or wrong." "Log in: `chancery login`; what only the owner may do needs the credential that `chancery init` printed.";
    IssuePersonUnknown "issue.person_unknown" Reject "No such person is registered." "Register the person with the owner credential.";
    IssueExists "issue.exists" Reject "The name is registered already, with other particulars." "Choose another name.";
    IssueBadIdentity "issue.bad_identity" Reject "The name is not acceptable." "Use a mail address for people, `a-z`, `0-9` and `-` for agents.";
    IssueCsrMalformed "issue.csr_malformed" Reject "The certificate request is malformed." "Send a PKCS#10 request in DER.";
    IssueCsrProof "issue.csr_proof" Reject "The certificate request is not signed by the key it names." "Sign the request with its own key.";
    IssueCsrKey "issue.csr_key" Reject "The certificate request's key is not P-256, or was used before." "Make a fresh P-256 key.";
    IssuePurpose "issue.purpose" Reject "This session may not have a certificate of that purpose." "Ask for a grant that covers the purpose.";
    IssueGrantUnknown "issue.grant_unknown" Reject "No such grant exists, or the redemption code is wrong." "Ask a person for a grant.";
    IssueGrantRedeemed "issue.grant_redeemed" Reject "The grant was redeemed already." "Ask a person for another grant.";
    IssueGrantExpired "issue.grant_expired" Reject "The grant is outside its window." "Ask a person for another grant; where its times are right, compare the clocks.";
    IssueClockRegression "issue.clock_regression" Reject "The engine's clock is behind a time it has already recorded; it issues nothing." "Set the engine's clock, then start it again.";
    IssueProof "issue.pop" Reject "The key's proof of possession is missing or does not verify." "Sign the token's address or subject with the key itself.";
    OidcConfig "oidc.config" Reject "The file of identity issuers is malformed." "Correct it; docs/formats.md gives its members.";
    OidcDisabled "oidc.not_configured" Reject "The engine knows no identity issuer." "Start it with `serve --oidc FILE`.";
    OidcAlgorithm "oidc.alg" Reject "The token is not signed with an algorithm that the engine accepts." "Let the issuer sign with RS256, ES256 or EdDSA.";
    OidcAudience "oidc.audience" Reject "The token is for another service." "Ask the issuer for a token with the configured audience.";
    OidcClaimType "oidc.claim_type" Reject "A claim is missing, of another type, or no acceptable name." "Ask the issuer for a token with the configured claim.";
    OidcDiscovery "oidc.discovery" Reject "The issuer's documents contradict its configuration." "Compare the issuer's discovery document with the engine's configuration.";
    OidcDuplicateClaim "oidc.duplicate_claim" Reject "The token names a claim twice." "Treat the token as forged.";
    OidcEmailUnverified "oidc.email_unverified" Reject "The issuer does not vouch for the mail address." "Confirm the address at the issuer.";
    OidcHeader "oidc.header" Reject "The token's header names keys or extensions of its own." "Ask the issuer for a plain token.";
    OidcIssuer "oidc.issuer" Reject "The token's issuer is not configured." "Compare the issuer with the engine's configuration, letter by letter.";
    OidcKey "oidc.key_unknown" Reject "The issuer publishes no such key." "Get a fresh token.";
    OidcKeySet "oidc.key_set" Reject "The issuer's key set is malformed or ambiguous." "Ask the issuer's operator.";
    OidcMalformed "oidc.not_jws" Reject "The token is not a JSON Web Signature." "Send the identity token, not an access token or an encrypted one.";
    OidcRedirect "oidc.redirect" Reject "The issuer sends the engine elsewhere." "Configure the issuer's own address.";
    OidcReplay "oidc.replay" Reject "The token was used before, for another key." "Get a fresh token for each key.";
    OidcSerialization "oidc.serialization" Reject "The token is not in the compact form." "Send the three parts with dots between them.";
    OidcSignature "oidc.signature" Reject "The token's signature does not verify." "Treat the token as forged.";
    OidcTime "oidc.time" Reject "The token is expired, not valid yet, or says not when it ends." "Get a fresh token; check both clocks.";
    OidcUnreachable "oidc.unreachable" Undetermined "The issuer cannot be reached." "Try again; the engine's log says why.";
    LimitOidcBody "limit.oidc_body" Reject "The issuer's document is larger than the limit." "Ask the issuer's operator.";
    LimitToken "limit.token" Reject "The token is larger than the limit." "Ask the issuer for a token with fewer claims.";
    SignOracle "sign.oracle" Reject "The bytes are of a form that another key signs; this command never signs them." "Sign the document itself with the command made for it.";
    SignNotSession "sign.certificate_not_session" Reject "The certificate is not this session's." "Ask for a certificate in this session.";
    SignGrantMismatch "sign.grant_mismatch" Reject "The grant or prompt named is not the session's." "Sign through the broker of this session.";
    RequestMalformed "request.malformed" Reject "The request cannot be read." "Send JSON of the documented schema.";
    RequestTooLarge "limit.request_size" Reject "The request is too large." "Send less; docs/formats.md gives the limits.";
    RequestHost "request.host" Reject "The request names another host than this machine." "Ask 127.0.0.1; a web page may not speak to the engine.";
    RequestMethod "request.method" Reject "The route does not know this method." "Use the method that docs/formats.md gives.";
    RequestRoute "request.route" Reject "There is no such route." "Use the routes that docs/formats.md gives.";
    LimitPolicy "limit.policy_size" Reject "The policy has more files or bytes than the limit." "Split rules by team, and drop what no case covers.";
    LimitObjectSize "limit.object_size" Reject "An object is larger than the limit." "Split it.";
    LimitHeaders "limit.headers" Reject "An object has more headers than the limit." "Recreate the object with git.";
    LimitParents "limit.parents" Reject "A commit has more parents than the limit." "Merge in several steps.";
    LimitTreeDepth "limit.tree_depth" Reject "A tree is nested deeper than the limit." "Flatten it.";
    LimitCertificates "limit.certificates" Reject "The signature carries more certificates than the limit." "Sign again.";
    LimitTimestamps "limit.timestamps" Reject "There are more time-stamps than the format has room for." "Sign again.";
    LimitSignatureSize "limit.signature_size" Reject "The signature is larger than the limit." "Sign again.";
    LimitChangeList "limit.change_list" Reject "The change touches more paths than the limit." "Split the change.";
    LimitNoteSignatures "limit.note_signatures" Reject "The checkpoint carries more signatures than the limit." "Treat the log's answer as hostile.";
    LimitAsn1 "limit.asn1_length" Reject "A length in the structure is over the limit." "Sign again.";
    // prompts.
    PromptMalformed "prompt.malformed" Reject "The prompt is not UTF-8 text within the limits." "Save it as UTF-8 text under 1 MiB.";
    PromptHidden "prompt.hidden_characters" Reject "The prompt holds invisible or direction-changing characters." "Remove them; `chancery prompt sign` names the first.";
    PromptConfusable "prompt.confusable" Warn "A word of the prompt mixes scripts, so that it looks like another." "Read the word letter by letter before you accept.";
    PromptMarkup "prompt.hidden_markup" Warn "The prompt holds text that a viewer may hide: comments, very long lines or many blank ones." "Read the raw text before you accept.";
    LimitPrompt "limit.prompt" Reject "The prompt is larger than 1 MiB." "Shorten it; attach data as files.";
    PromptExpired "prompt.expired" Reject "The prompt is past its expiry." "Sign it again.";
    PromptNonceUsed "prompt.nonce_used" Reject "The prompt was accepted before; it may be used once." "Sign it again.";
    PromptBinding "prompt.binding" Reject "The prompt is bound to another repository, target or session." "Sign a prompt for this work.";
    PromptNotAccepted "prompt.not_accepted" Reject "The commit names a prompt that this session never accepted." "Accept it first: `chancery prompt accept FILE`.";
    PromptNotRecorded "prompt.not_recorded" Reject "The engine has countersigned no such prompt." "Sign it first: `chancery prompt sign FILE`.";
    // artifacts.
    ArtSymlink "art.symlink" Reject "The artifact holds a symbolic link." "Replace it by its content.";
    ArtSpecialFile "art.special_file" Reject "The artifact holds a device, socket or pipe." "Leave it out.";
    ArtName "art.unsafe_name" Reject "A name in the artifact is not portable UTF-8." "Rename the file.";
    ArtCollision "art.name_collision" Reject "Two names in the artifact collide where case or normalisation is folded." "Rename one of them.";
    ArtEmpty "art.empty" Reject "The artifact holds no file." "Name a path with content.";
    ArtDiffers "art.content_differs" Reject "The artifact's content is not what was signed." "Take it from its builder again.";
    ArtLimit "limit.artifact" Reject "The artifact has more files or bytes than the limit." "Split it.";
    ArtRace "art.changed_while_read" Undetermined "The artifact changed while it was read." "Let writers finish, then try again.";
    // policy, anchor, trust.
    PolicyDenied "policy.denied" Reject "No rule of the policy permits this, or one forbids it." "Stay inside what the rules allow, or let the keyholders change them: `.chancery/policy`, then `chancery anchor update`.";
    PolicyEvaluation "policy.evaluation_error" Reject "A rule could not be evaluated, which denies." "Fix the rule: `chancery policy check`.";
    PolicyMalformed "policy.malformed" Reject "The policy does not parse or does not fit the schema." "Fix it: `chancery policy check`.";
    PolicyEmpty "policy.empty" Undetermined "The policy holds no rule, so nothing was decided." "Restore the rules: the baseline is in policies/.";
    PolicyMissing "policy.missing" Undetermined "The policy, or a file that every policy has, is absent." "Restore .chancery/policy from the commit before.";
    PolicyMismatch "policy.digest_mismatch" Reject "The policy in the tree is not the one the anchor names." "Restore .chancery/policy, or sign a new anchor.";
    PolicySelfModification "policy.self_modification" Reject "A change alters .chancery without a new anchor." "Change policy by `chancery anchor update`.";
    AnchorMalformed "anchor.malformed" Reject "The anchor is not a signed statement of our form." "Get the anchor from the repository's keyholders again.";
    AnchorSignature "anchor.signature" Reject "The anchor is not signed by its keyholders." "Get the anchor from the repository's keyholders again.";
    AnchorBehind "anchor.behind" Reject "The repository's anchor does not name the keys that the engine signs with." "Bring the next anchor: `chancery anchor update`; a repository of another engine is signed in with that engine's home.";
    AnchorRollback "anchor.rollback" Reject "The anchor is older than one already in force." "Use the newest anchor.";
    AnchorChain "anchor.chain" Reject "A later anchor does not follow from the one before." "Sign it with the keyholders of the one before.";
    AnchorMissing "anchor.missing" Undetermined "No anchor was given, or the repository has none." "Adopt the repository: `chancery anchor create`.";
    AnchorExists "anchor.exists" Reject "The repository is adopted already." "Bring a next version: `chancery anchor update`.";
    AnchorDigest "anchor.digest_mismatch" Reject "The anchor file is not the one the digest names." "Get the anchor from the repository's keyholders again.";
    RepositoryConfig "policy.repository_config" Reject "`.chancery/config.toml` does not name a repository id and a target, and nothing else." "Restore it: `chancery anchor create` writes it.";
    TrustTsaMissing "trust.tsa_missing" Reject "The file names no time authority." "Name one, or leave the file away.";
    TrustMalformed "trust.malformed" Reject "The trust root is malformed." "Get the anchor again.";
    TrustWindow "trust.authority_outside_window" Reject "An authority was used outside its window in the trust root." "Use the newest anchor.";
    TrustEndsSoon "trust.ends_soon" Warn "A key of the trust root that is in force ends within thirty days." "Stop the engine, replace the key (`chancery trust rotate`), start it again, and bring the new trust root to every repository (`chancery anchor update`).";
    TrustKeyMissing "trust.key_missing" Reject "The bundle is signed with a key of its own, and none was given." "Name it by --key, from where you trust it.";
    // hook, broker, engine, environment.
    HookSignerUnreachable "hook.signer_unreachable" Undetermined "The broker cannot be reached." "Start it: `chancery doctor` tells how.";
    HookAnswer "hook.answer_invalid" Reject "The broker's answer does not verify." "Restart the broker and sign again.";
    HookEnvironment "hook.env_inconsistent" Reject "Variables point git at objects that are not the repository's own." "Unset GIT_OBJECT_DIRECTORY, GIT_ALTERNATE_OBJECT_DIRECTORIES, GIT_NAMESPACE and a foreign GIT_WORK_TREE.";
    HookNotInstalled "hook.not_installed" Reject "The repository does not sign with gitsign-hook." "Run `gitsign-hook install`.";
    HookProgramOverridden "hook.program_overridden" Reject "Another program than gitsign-hook signs here." "Run `gitsign-hook install`, and look who changed gpg.x509.program.";
    HookPushCertificate "hook.push_certificate" Reject "Git asks for a signature over a push, which is not made." "Push with --no-signed, or `git config push.gpgSign false`: what is pushed carries its own signatures.";
    HookUnsigned "hook.unsigned_commit" Reject "Signing is switched off." "Run `gitsign-hook install`, and look who changed commit.gpgSign.";
    EngineUnreachable "engine.unreachable" Undetermined "The engine cannot be reached." "Start it: `chancery serve`.";
    EngineAddress "engine.address" Reject "The engine's address is not plain HTTP on this machine." "Use http://127.0.0.1:PORT.";
    EngineAddressInUse "engine.address_in_use" Reject "Another program listens at the engine's address." "Stop it, or choose another port: `chancery serve --listen 127.0.0.1:PORT`.";
    EngineAnswer "engine.answer_invalid" Undetermined "The engine's answer is of another form than its route's." "Check that --engine names an engine of this version.";
    EngineBackup "engine.backup_invalid" Reject "The backup is not the one that was written." "Restore another backup, and keep this one as evidence.";
    EngineBusy "engine.busy" Undetermined "The engine has more requests than it can queue." "Try again in a second.";
    EngineExists "engine.exists" Reject "The directory holds an engine or other files already." "Choose an empty directory; nothing is ever overwritten.";
    EngineInUse "engine.in_use" Reject "Another engine is running on this state." "Use it: its URL is in the file `address` of the state; or stop it first.";
    EnginePermissions "engine.permissions" Reject "Others may read or write the engine's state." "Take the permissions away: `chmod -R go= DIR`.";
    EngineOther "engine.other" Reject "The command names another engine than its home signs with." "Leave out --engine and CHANCERY_ENGINE, or name a home of that engine: `--home DIR`.";
    EngineRowAltered "engine.row_altered" Reject "A row of the engine's database is not what was recorded." "Stop the engine and keep the database as evidence; restore the newest backup that `chancery-server fsck` passes.";
    EngineRowMissing "engine.row_missing" Reject "A row that was recorded is gone from the engine's database." "Stop the engine and keep the database as evidence; restore the newest backup that `chancery-server fsck` passes.";
    EngineRowUnfounded "engine.row_unfounded" Reject "The engine's database holds a row that nothing recorded explains." "Stop the engine and keep the database as evidence; restore the newest backup that `chancery-server fsck` passes.";
    EngineStorage "engine.storage" Undetermined "The engine could not make the change durable." "Free disk space and try again.";
    EngineTimeout "engine.timeout" Undetermined "The engine took too long; what was asked may have been done." "Try again: a repeated signature gets the same answer.";
    EngineSealed "engine.sealed" Reject "The engine's keys could not be unsealed." "Pass the credential that `init` was given.";
    EngineSnapshot "engine.snapshot_stale" Undetermined "Something was revoked while the decision was made." "Try again.";
    EngineState "engine.state_invalid" Reject "The engine's state is not whole." "Run `chancery log fsck`; restore the newest backup.";
    // elsewhere: services that somebody else runs, and the connection to them.
    ElsewhereAddress "elsewhere.address" Reject "The service's address is neither HTTPS nor on this machine." "Use an https:// address; plain http:// is for this machine alone.";
    ElsewhereAnchored "elsewhere.anchored" Reject "The repository has an anchor: its verifier takes no commit that the engine did not decide about." "Sign here through the engine: `gitsign-hook install` in this repository.";
    ElsewhereAnswer "elsewhere.answer" Reject "A service's answer is not of its interface's form." "Ask the service's operator; check that the signing config names the right kind of service.";
    ElsewhereCertificateKey "elsewhere.certificate_key" Reject "The authority certified another key than ours." "Do not use this authority; tell its operator.";
    ElsewhereConfig "elsewhere.config" Reject "The signing config is malformed." "Get it from the deployment's operator again; ours comes from `chancery trust export`.";
    ElsewhereIdentity "elsewhere.identity" Reject "The identity token does not say whom the certificate will name." "Name the subject by --identity.";
    ElsewhereLimit "elsewhere.limit" Reject "A service's answer is larger than the limit." "Treat the service's answer as hostile.";
    ElsewhereRedirect "elsewhere.redirect" Reject "A service sends us elsewhere." "Name the service's own address in the signing config.";
    ElsewhereRefused "elsewhere.refused" Reject "A service refused." "Read what it says; a token that was used or is old needs a fresh one.";
    ElsewhereService "elsewhere.service" Reject "The signing config names no service that can be used now." "Get a newer signing config; check this machine's clock.";
    ElsewhereTime "elsewhere.time" Reject "Nothing would vouch for the time of signing." "Name a time-stamp authority in the signing config: a Rekor v2 log gives no time.";
    ElsewhereToken "elsewhere.token" Reject "The identity token is missing, malformed or expired." "Get a fresh one; pass it by --identity-token-file or SIGSTORE_ID_TOKEN.";
    ElsewhereSession "elsewhere.session" Reject "An agent's session does not sign as a person elsewhere." "Sign through the engine, as `chancery run` has it; or let a person sign.";
    ElsewhereUnnamed "elsewhere.unnamed" Undetermined "Nothing says whose signatures made without an engine count here." "Set chancery.trustedRoot (FILE or public), chancery.certificateIdentity and chancery.certificateOidcIssuer with `git config`.";
    ElsewhereUnreachable "elsewhere.unreachable" Undetermined "A service cannot be reached." "Check its address and the network, then try again.";
    TlsAuthority "tls.authority" Undetermined "A service's certificate is issued by nobody this machine trusts." "Name its authorities by --ca, where the service is the right one.";
    TlsCertificate "tls.certificate" Undetermined "A service's certificate does not verify." "Ask the service's operator.";
    TlsExpired "tls.expired" Undetermined "A service's certificate is not valid now." "Ask the service's operator; check this machine's clock.";
    TlsHandshake "tls.handshake" Undetermined "No protected connection to a service came about." "Check that it speaks TLS 1.2 or 1.3 at that address.";
    TlsName "tls.name" Undetermined "A service's certificate is for another name." "Check the address; somebody else may be answering.";
    TlsRoots "tls.roots" Reject "The authorities for protected connections cannot be used." "Name a PEM file of authorities by --ca.";
    Usage "usage.invalid" Reject "The command line makes no sense." "Run the command with --help.";
    Internal "internal.error" Undetermined "Something failed that should not." "Report it with the command and its output.";
    InternalEntropy "internal.entropy" Undetermined "The system gives no randomness, or the same again." "See that getrandom(2) works where this program runs: kernel, container profile, virtual machine.";
    InternalNothing "internal.nothing_verified" Undetermined "There was nothing to verify." "Check the range or path.";
    InternalIo "internal.io" Undetermined "A file could not be read or written." "Check the path and its permissions.";
}
