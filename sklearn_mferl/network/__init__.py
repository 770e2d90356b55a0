"""Numbers to scores, in torch alone: the parts of the network, one file each."""

from sklearn_mferl.network.attention import ChannelAttention, DualConvolutionalAttention, SpatialAttention
from sklearn_mferl.network.bilinear import BilinearInteraction
from sklearn_mferl.network.head import InteractionHead, ViewConvolution
from sklearn_mferl.network.homogeneous import HomogeneousAggregation
from sklearn_mferl.network.loss import MFERLLoss, info_nce
from sklearn_mferl.network.mferl import Context, Encoding, MFERLNetwork, NodeTable

__all__ = [
    "BilinearInteraction",
    "ChannelAttention",
    "Context",
    "DualConvolutionalAttention",
    "Encoding",
    "HomogeneousAggregation",
    "InteractionHead",
    "MFERLLoss",
    "MFERLNetwork",
    "NodeTable",
    "SpatialAttention",
    "ViewConvolution",
    "info_nce",
]
