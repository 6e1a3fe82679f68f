package Assay::Signer;

# DKIM signatures of others: rsa-sha256, relaxed/relaxed, by the openssl
# program. For mail whose signer is not its author, which assayd never makes.
#
#   my $list = Assay::Signer->new($dir, domain => 'list.example');   # selector "s"
#   $dns->set($list->domain, $list->owner, 'TXT', $list->record);
#   my $signed = $list->sign($octets, l => 10);       # a field on top
use strict;
use warnings;
use Carp;
use Digest::SHA qw(sha256_base64);
use MIME::Base64 qw(encode_base64);

sub new {
    my ($class, $dir, %o) = @_;
    my $self = bless { bits => 2048, selector => 's', dir => $dir, %o }, $class;
    $self->{key} = $dir->path("$o{domain}.pem");
    system("openssl genrsa -out $self->{key} $self->{bits} 2>/dev/null") == 0 or croak 'openssl genrsa';
    return $self;
}

sub domain { return $_[0]{domain} }
sub owner  { return "$_[0]{selector}._domainkey" }

# As knotc takes it: character strings, quoted.
sub record {
    my ($self) = @_;
    my $pem = `openssl rsa -in $self->{key} -pubout 2>/dev/null`;
    my $text = 'v=DKIM1; k=rsa; p=' . join '', grep { !/-/ } split /\s+(?!PUBLIC)/, $pem =~ s/-----[^-]+-----//gr;
    return join ' ', map {"\"$_\""} unpack '(a250)*', $text;
}

sub relaxed_field {
    my ($field) = @_;
    my ($name, $value) = split /:/, $field, 2;
    $value =~ s/\r\n//g;
    $value =~ s/[ \t]+/ /g;
    $value =~ s/^ | $//g;
    return lc($name =~ s/[ \t]+$//r) . ":$value";
}

sub relaxed_body {
    my ($body) = @_;
    $body =~ s/[ \t]+/ /g;
    $body =~ s/ (?=\r\n)//g;
    $body =~ s/(?:\r\n)+\z//;
    return length $body ? "$body\r\n" : '';
}

sub sign {
    my ($self, $octets, %tags) = @_;
    my ($header, $body) = split /(?<=\r\n)\r\n/, $octets, 2;
    my @fields = split /\r\n(?![ \t])/, $header;
    my @names = qw(From To Subject Date Message-ID);
    my $canon = relaxed_body($body);
    $canon = substr $canon, 0, $tags{l} if defined $tags{l};
    my $bh = sha256_base64($canon);
    $bh .= '=' while length($bh) % 4;
    my $field = "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=$self->{domain}; s=$self->{selector};\r\n"
        . "\th=" . join(':', @names) . ";\r\n" . join('', map {"\t$_=$tags{$_};\r\n"} sort keys %tags)
        . "\tbh=$bh;\r\n\tb=";
    my $input = '';
    for my $name (@names) {
        my ($last) = grep {/^\Q$name\E[ \t]*:/i} reverse @fields;
        $input .= relaxed_field($last) . "\r\n" if defined $last;
    }
    $input .= relaxed_field($field);
    my $file = $self->{dir}->write("$self->{domain}.tosign", $input);
    my $b = encode_base64(scalar(`openssl dgst -sha256 -sign $self->{key} $file`), '');
    return "$field$b\r\n$octets";
}

1;
