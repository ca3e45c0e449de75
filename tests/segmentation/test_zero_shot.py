from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import (
    BartConfig,
    BartForSequenceClassification,
    PreTrainedTokenizerFast,
    ZeroShotClassificationPipeline,
)

from assets.segmentation.reference.labeller import ZeroShotLabeller
from assets.segmentation.reference.taxonomy_files import load_taxonomy


def tiny_pipeline() -> ZeroShotClassificationPipeline:
    """The real pipeline over an untrained BART of two small layers."""
    words = ["<s>", "<pad>", "</s>", "<unk>", "this", "job", "is", "in", "nurse", "hospital"]
    raw = Tokenizer(models.WordLevel({w: i for i, w in enumerate(words)}, unk_token="<unk>"))
    raw.pre_tokenizer = pre_tokenizers.Whitespace()
    raw.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=raw,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_max_length=64,
    )
    config = BartConfig(
        vocab_size=len(words),
        d_model=16,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_position_embeddings=128,
        num_labels=3,
        id2label={0: "contradiction", 1: "neutral", 2: "entailment"},
        label2id={"contradiction": 0, "neutral": 1, "entailment": 2},
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
    )
    model = BartForSequenceClassification(config).eval()
    return ZeroShotClassificationPipeline(model=model, tokenizer=tokenizer)


def test_the_real_pipeline_labels_a_text():
    """Scores of all industries come back from the entailment model; an untrained one is so near
    to indifferent between them that the label is unknown."""
    industries = list(load_taxonomy().industries.values())[:4]
    found = ZeroShotLabeller(industries, tiny_pipeline()).label("nurse in hospital")
    assert found.labeller == "bart-large-mnli"
    assert found.id == "unknown"
    assert 0.2 < found.score < 0.35
